export const OTHER = "https://example.com/sse";
