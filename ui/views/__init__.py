"""The pages, one file each: scripts that Streamlit runs, not modules to import."""
