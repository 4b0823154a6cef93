kubectl set env deployment/m MY_TRANSPORT=streamable-http LOG=x
kubectl -n prod set env deployment/m MY_TRANSPORT=streamable-http
heroku config:set MY_TRANSPORT=streamable-http -a m
fly secrets set MY_TRANSPORT=streamable-http
gcloud run deploy m --image gcr.io/$P/$S --set-env-vars=MY_TRANSPORT=streamable-http,LOG=1
gcloud run deploy other --image gcr.io/acme/other --set-env-vars="MCP_TRANSPORT=sse"
az containerapp update -n m --set-env-vars MY_TRANSPORT=streamable-http A=b
