"""The work order of an issue: a page to print and to take along."""

from __future__ import annotations

from maps.work_order.order import WorkOrder
from maps.work_order.page import work_order_html

__all__ = ["WorkOrder", "work_order_html"]
