from qwen_agent.agents import Assistant

tools = [{"mcpServers": {"time": {"url": "http://localhost:8000/mcp", "type": "streamable-http"}, "other": {"command": "uvx"}}}]
bot = Assistant(llm={"model": "qwen-max"}, function_list=tools)
