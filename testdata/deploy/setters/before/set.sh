kubectl set env deployment/m MY_TRANSPORT=sse LOG=x
kubectl -n prod set env deployment/m MY_TRANSPORT=sse
heroku config:set MY_TRANSPORT=sse -a m
fly secrets set MY_TRANSPORT=sse
gcloud run deploy m --image gcr.io/$P/$S --set-env-vars=MY_TRANSPORT=sse,LOG=1
gcloud run deploy other --image gcr.io/acme/other --set-env-vars="MCP_TRANSPORT=sse"
az containerapp update -n m --set-env-vars MY_TRANSPORT=sse A=b
