"""`python -m h2spec_py`: the same command as `h2spec-py`."""

from h2spec_py.cli import main

if __name__ == "__main__":
    main()
