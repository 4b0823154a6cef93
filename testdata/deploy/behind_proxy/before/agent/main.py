import os
from agents.mcp import MCPServerSse

search = MCPServerSse(params={"url": os.environ["SEARCH_URL"]})
grafana = MCPServerSse(params={"url": os.environ["GRAFANA_URL"]})
