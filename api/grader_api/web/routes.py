"""All pages."""

from __future__ import annotations

from grader_api.web import asking, deciding, files, history, signing
from grader_api.web.routing import pages_router

page_routes = pages_router()
for _part in (asking, history, deciding, signing, files):
    page_routes.include_router(_part.routes)
