"""The program as another process that hears of an interruption whatever started the tests."""

INTERRUPTIBLE = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("h2spec_py", run_name="__main__", alter_sys=True)
"""
"""For `python -c`. Processes in the background of a shell begin with SIGINT ignored."""
