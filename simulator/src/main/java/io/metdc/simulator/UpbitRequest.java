package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Serial;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What a client of Upbit's WebSockets asks for: an array of ticket, types and format.
///
/// @param ticket  never empty
/// @param types   one at least, unless it only asks what is subscribed
/// @param format  that of the stream from now on
/// @param isQuery whether it only asks what is subscribed
record UpbitRequest(String ticket, List<JsonNode> types, String format, boolean isQuery) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> FORMATS = Set.of("DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST");

    /// A request that is answered by an error.
    static final class Wrong extends Exception {
        @Serial
        private static final long serialVersionUID = 1;

        private final String name;

        Wrong(String name, String message) {
            super(message);
            this.name = name;
        }

        /// The answer.
        List<Session.Reply> replies() {
            return Session.Reply.text("{\"error\":{\"name\":\"" + name + "\",\"message\":\"" + getMessage() + "\"}}");
        }
    }

    /// @throws Wrong when it is malformed
    static UpbitRequest of(String text) throws Wrong {
        JsonNode request;
        try {
            request = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new Wrong("WRONG_FORMAT", "Format이 맞지 않습니다.");
        }
        if (!request.isArray()) {
            throw new Wrong("WRONG_FORMAT", "Format이 맞지 않습니다.");
        }
        String ticket = "";
        String format = "DEFAULT";
        List<JsonNode> types = new ArrayList<>();
        boolean isQuery = false;
        for (JsonNode part : request) {
            ticket = part.path("ticket").asText(ticket);
            isQuery |= part.path("method").asText().equals("LIST_SUBSCRIPTIONS");
            if (part.has("type")) {
                types.add(part);
            }
            format = part.path("format").asText(format);
        }
        if (!FORMATS.contains(format)) {
            throw new Wrong("INVALID_PARAM", "알 수 없는 format입니다.");
        }
        if (ticket.isEmpty()) {
            throw new Wrong("NO_TICKET", "티켓이 존재하지 않습니다.");
        }
        if (types.isEmpty() && !isQuery) {
            throw new Wrong("NO_TYPE", "타입이 존재하지 않습니다.");
        }
        return new UpbitRequest(ticket, types, format, isQuery);
    }

    boolean isSimple() {
        return format.startsWith("SIMPLE");
    }

    boolean isList() {
        return format.endsWith("LIST");
    }
}
