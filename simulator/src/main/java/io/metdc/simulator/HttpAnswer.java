package io.metdc.simulator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/// A REST answer. Where it says that it is compressed with gzip, it will be.
///
/// @param status of HTTP; 0: the connection ends without an answer
record HttpAnswer(int status, Map<String, String> headers, String body) {
    /// No answer at all.
    static final HttpAnswer NONE = new HttpAnswer(0, Map.of(), "");

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

    HttpAnswer without(String name) {
        Map<String, String> fewer = new LinkedHashMap<>(headers);
        fewer.remove(name);
        return new HttpAnswer(status, fewer, body);
    }

    byte[] bytes() {
        byte[] plain = body.getBytes(StandardCharsets.UTF_8);
        if (!"gzip".equals(headers.get("Content-Encoding"))) {
            return plain;
        }
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written", e);
        }
        return compressed.toByteArray();
    }
}
