"""What is shown: tidy frames, the leaderboard, figures and the page."""

if __name__ != "enigmath.reports":
    raise ImportError("import enigmath.reports, not reports: the bare name would make a second copy of every module")
