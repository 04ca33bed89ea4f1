"""What the name of a column suggests, in several languages."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_CASE = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")

_ID_WORD = re.compile(
    "ids?|u?uid|guid|key|code?|no|nr|num|number|index|idx|row|rownames?|rownum|serial|"
    "record|case|line|linenr|ref|reference|isbn|ssn|email|phone|hash|token|url|"
    "identifier|identifiant|c[oó]digo|n[uú]mero|nummer|номер|ид|код"
)
_ID_COMPOUND = re.compile(
    "(user|customer|client|order|product|item|account|patient|passenger|person|case|"
    "record|row|employee|student|member|device|session|transaction|respondent|subject|"
    "sample|object|launch|invoice|store|school|game|player|team|kunden|line|serial)"
    "(id|nr|no|num|number|nummer)"
)
_OWNER_WORD = re.compile("ids?|u?uid|guid|identifier|identifiant|ид")
_BIRTH = re.compile(
    "dob|birth(day|date)?s?|born|geb(oren)?|geburt(stag|sdatum)?|naissance|n[ée]e?|"
    "nacimiento|nascimento|nascita|nato|nata|födelsedag|urodzenia|doğum|рождения"
)
_BIRTH_SIGN = re.compile("出生|生年|生日|생년|생일")
_NAMELESS = re.compile(r"(Unnamed: \d+(_level_\d+|\.\d+)*|col\d+)?")
_ID_SIGN = re.compile("编号|序号|編號|序號|番号|代码|번호")


def words_of(name: object) -> tuple[str, ...]:
    """Return the words of a name in lower case: «userID» is user and id."""
    spaced = _CASE.sub(" ", str(name).strip())
    return tuple(word.lower() for word in _WORD.findall(spaced))


def suggests_id(name: object) -> bool:
    """Whether a name says that its column tells rows apart."""
    return _ID_SIGN.search(str(name)) is not None or any(
        _ID_WORD.fullmatch(word) or _ID_COMPOUND.fullmatch(word)
        for word in words_of(name)
    )


def suggests_owner(name: object) -> bool:
    """Whether a name says that its column names a row's owner, also where it repeats.

    Narrower than `suggests_id`: a «number of rooms» or a «zip code» may well repeat.
    """
    words = words_of(name)
    return _ID_SIGN.search(str(name)) is not None or any(
        _OWNER_WORD.fullmatch(word) or _ID_COMPOUND.fullmatch(word)
        for word in (*words[:1], *words[-1:])
    )


def suggests_birth(name: object) -> bool:
    """Whether a name says that its column holds days of birth, never to come."""
    return _BIRTH_SIGN.search(str(name)) is not None or any(
        _BIRTH.fullmatch(word) or word.startswith("birth") for word in words_of(name)
    )


def is_nameless(name: object) -> bool:
    """Whether a name is none, or what pandas or the reader put in the place of one."""
    return _NAMELESS.fullmatch(str(name).strip()) is not None


def suggests_target(name: object) -> float:
    """Return how much a name says that its column is what is to be predicted.

    3 says it outright («target», «label»), 2 is what tables are often made for
    («price», «survived»), 1 is a weak hint, −1 speaks for a feature.
    """
    words = words_of(name)
    if _WANTED_SIGN.search(str(name)):
        return 2.0
    if _TARGET_SIGN.search(str(name)):
        return 3.0
    if len(words) == 1:
        return _meaning(words[0])
    # «income» says more than «median income of parents», «total» than «total phenols».
    strongest = max((_meaning(word) for word in words if word != "total"), default=0.0)
    if any(_MEASURE.fullmatch(word) for word in words):
        # «vote count» and «profit margin in %» are about something else than the sum.
        return min(strongest, 0.4)
    return 0.8 * strongest if strongest > 1 else min(strongest, 0.4)


def _meaning(word: str) -> float:
    scale = ((_TARGET, 3.0), (_WANTED, 2.0), (_HINT, 1.0), (_INPUT, -1.0))
    return next((worth for known, worth in scale if known.fullmatch(word)), 0.0)


_TARGET = re.compile(
    "targets?|labels?|class|classes|outcome|response|dependent|ziel|zielgr[oö](ss|ß)e|"
    "klasse|cible|classe|objetivo|clase|obiettivo|alvo|цель|класс"
)
_TARGET_SIGN = re.compile(
    "目标|目標|标签|標籤|类别|類別|是否|ラベル|クラス|타깃|레이블"
)
_WANTED = re.compile(
    # events and decisions
    "surviv(ed|al)|churn(ed)?|exited|attrition|defaulted|default|fraud(ulent)?|spam|"
    "clicked|converted|conversion|subscribed|purchased?|bought|approved|admit(ted)?|"
    "ontime|delay(ed)?|late|cancel(l)?ed|duration|"
    "dead|died|death|deceased|diagnosis|disease|diabetes|cancer|malignant|readmitted|"
    "vote|voted|choice|decision|switch|direction|won|winner|"
    # sums of money
    "prices?|charges|values?|costs?|amount|tips?|revenue|sales|profit|wages?|salary|salaries|income|rent|turnover|"
    "preis|umsatz|gehalt|miete|lohn|prix|loyer|salaire|ventes|precio|ventas|salario|"
    "valor|prezzo|vendite|preço|vendas|cijfer|prijs|omzet|цена|выручка|зарплата|"
    # measures of success
    "quality|ratings?|score|mpg|yield|strength|demand|consumption|medv|"
    "performance|qualit[äàé]t?|calidad|qualidade|note|species|cultivar|variety"
)
_WANTED_SIGN = re.compile(
    "价格|價格|房价|月租|租金|销量|銷量|销售额|收入|工资|幸存|流失|违约|评分|质量|好坏|"
    "価格|売上|評価|가격|매출"
)
_MEASURE = re.compile("counts?|number|num|pct|percent(age)?|share|ratio|margin|anzahl")
_HINT = re.compile(
    "y|total|binary|results?|status|type|category|cat[eé]gorie|grade|"
    "count|stars|rate|ergebnis|r[eé]sult(at|ado)|wert|valeur|"
    "montant|importe|betrag"
)
_INPUT = re.compile(
    "x|age|sex|gender|lat|latitude|lon|lng|longitude|year|month|day|date|hour|week|"
    "decade|quarter|source|origin|url|link|"
    "region|city|state|country|location|name|size|color|colour|width|height|length|"
    "number|min|max|mean|std|error|worst|alter|geschlecht|jahr|monat|tag|stadt|âge|"
    "sexe|ann[eé]e|mois|edad|sexo|año|mes|ciudad|notes|comments?"
)
