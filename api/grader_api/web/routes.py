"""All pages."""

from __future__ import annotations

from grader_api.web import asking, deciding, files, history, queue, signing
from grader_api.web.routing import pages_router

page_routes = pages_router()
for _part in (asking, queue, history, deciding, signing, files):
    page_routes.include_router(_part.routes)
