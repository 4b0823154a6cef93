import io.modelcontextprotocol.client.transport.HttpClientSseClientTransport;

class Client {
    Object transport = HttpClientSseClientTransport.builder("http://localhost:8080").build();
}
