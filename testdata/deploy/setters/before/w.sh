npx wait-on http-get://localhost:8765/sse && echo ok
npx wait-on -t 30s http://localhost:8765/sse
start-server-and-test 'python server.py' http-get://127.0.0.1:8765/sse 'npm test'
