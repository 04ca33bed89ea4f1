"""The page that anybody writes: read_csv, three fits of scikit-learn, their weights."""

import altair as alt
import pandas as pd
import streamlit as st
from sklearn.linear_model import Lasso, LinearRegression, Ridge
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

st.set_page_config(layout="wide")
upload = st.sidebar.file_uploader("CSV file")
lam = st.slider("λ", 0.0, 1.0, 0.1)
if upload is not None:
    table = pd.read_csv(upload)
    st.expander(f"{upload.name} · {len(table)} rows ×").dataframe(table.head(50))
    y = table.pop(table.columns[-1])
    X = pd.get_dummies(table).astype(float).fillna(0.0)
    left, right, y_left, y_right = train_test_split(X, y, random_state=0)
    scaler = StandardScaler().fit(left)
    left, right = scaler.transform(left), scaler.transform(right)
    models = LinearRegression(), Lasso(alpha=lam), Ridge(alpha=len(left) * lam)
    for column, model in zip(st.columns(3), models, strict=True):
        model.fit(left, y_left)
        kept = int((model.coef_ != 0).sum())
        column.metric(type(model).__name__, f"{kept} of {len(X.columns)}")
        column.metric("R²", f"{model.score(right, y_right):.3f}")
        weights = pd.DataFrame({"feature": X.columns, "weight": model.coef_})
        bars = alt.Chart(weights).mark_bar().encode(x="weight", y="feature")
        column.altair_chart(bars)
        pairs = pd.DataFrame({"is": y_right, "said": model.predict(right)}).head(500)
        column.altair_chart(alt.Chart(pairs).mark_point().encode(x="is", y="said"))
