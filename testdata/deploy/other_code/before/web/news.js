const es = new EventSource("/sse");
