gcloud run deploy calc --image gcr.io/x/calc-mcp --args="--transport=streamable-http,--port=8080"
gcloud run deploy calc --image gcr.io/x/calc-mcp --args=--transport,streamable-http --port 8080
az container create --image gcr.io/x/calc-mcp --command-line "calc-mcp --transport streamable-http"
gcloud run deploy other --image gcr.io/x/other --args=--transport,sse
