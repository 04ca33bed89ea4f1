"""The page's sections; the only part of the package that knows Streamlit."""
