"""Judging: an expectation and what happened give a verdict. Nothing here waits or sends."""
