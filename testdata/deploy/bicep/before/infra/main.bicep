param location string = 'westeurope'

module app 'core/host/container-app.bicep' = {
  name: 'app'
  params: {
    name: 'app'
    env: [
      {
        name: 'MCP_TRANSPORT'
        value: 'sse'
      }
      {
        name: 'STREAM'
        value: 'sse'
      }
    ]
  }
}

resource other 'Microsoft.App/containerApps@2024-03-01' = {
  properties: {
    template: {
      containers: [
        {
          image: 'x'
          probes: [
            {
              type: 'Liveness'
              httpGet: {
                path: '/sse'
                port: 8000
              }
            }
          ]
          env: [
            { name: 'MCP_TRANSPORT', value: 'sse' }
            {
              name: 'URL'
              value: 'http://localhost:8000/sse'
            }
          ]
        }
      ]
    }
  }
}

output endpoint string = 'https://${app.outputs.fqdn}/sse'
