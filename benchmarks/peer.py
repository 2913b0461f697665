"""What a framework alone does: a route that reads the same report and answers a little; nothing is stored."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI

from api.report_model import ReportIn

app = FastAPI()


@app.post("/v1/reports", status_code=201)
async def read(report: ReportIn) -> dict[str, object]:
    """Parse, check, answer."""
    return {"category": report.category, "lng": report.lng, "lat": report.lat}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
