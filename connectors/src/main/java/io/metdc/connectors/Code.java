package io.metdc.connectors;

/// One code by which an exchange refuses something, ends something or keeps somebody away, and what is
/// done about it.
///
/// @param code    as written: `1008`, `418`, `-1121`; a status that only counts with a web page ends in ` HTML`
/// @param meaning what the exchange's documents say that it means
public record Code(Where where, String code, String meaning, Reaction reaction) {
    /// Where it stands.
    public enum Where {
        /// In the frame that closes a connection.
        CLOSE("close"),
        /// The HTTP status by which a WebSocket handshake is refused.
        HANDSHAKE("handshake"),
        /// The HTTP status of a REST answer.
        STATUS("REST status"),
        /// In a REST answer, with whatever status.
        ANSWER("REST answer"),
        /// In a frame of the stream.
        FRAME("frame");

        private final String words;

        Where(String words) {
            this.words = words;
        }

        /// As in a table.
        public String words() {
            return words;
        }
    }
}
