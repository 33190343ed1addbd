"""Từng Nhà: plan, run and prove a last-mile campaign, so that every resident holds a digital identity."""

__version__ = "0.1.0"
