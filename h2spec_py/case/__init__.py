"""The case language: what a case may say, and how files of cases become cases."""
