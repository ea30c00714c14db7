"""Judging: an expectation and what happened give a verdict with its reason. Never waits, never sends."""
