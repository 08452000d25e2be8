package io.metdc.simulator;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// A REST answer.
record HttpAnswer(int status, Map<String, String> headers, String body) {
    static HttpAnswer json(int status, String body) {
        return new HttpAnswer(status, Map.of("Content-Type", "application/json;charset=UTF-8"), body);
    }

    static HttpAnswer html(int status, String title) {
        return new HttpAnswer(
                status,
                Map.of("Content-Type", "text/html"),
                "<html>\r\n<head><title>" + status + " " + title + "</title></head>\r\n<body>\r\n<center><h1>" + status
                        + " " + title + "</h1></center>\r\n</body>\r\n</html>\r\n");
    }

    HttpAnswer with(String name, String value) {
        Map<String, String> extended = new LinkedHashMap<>(headers);
        extended.put(name, value);
        return new HttpAnswer(status, extended, body);
    }

    byte[] bytes() {
        return body.getBytes(StandardCharsets.UTF_8);
    }
}
