package io.metdc.connectors;

import static io.metdc.connectors.Code.Where.ANSWER;
import static io.metdc.connectors.Code.Where.CLOSE;
import static io.metdc.connectors.Code.Where.FRAME;
import static io.metdc.connectors.Code.Where.HANDSHAKE;
import static io.metdc.connectors.Code.Where.STATUS;

import io.metdc.connectors.Code.Where;
import io.metdc.market.Failure;
import io.metdc.market.Failure.Extent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The codes of one exchange, as its documents have them. What it does not have means what it means
/// everywhere: [#COMMON].
public final class Codes {
    /// A status that counts only with a web page: `403 HTML`.
    static final String HTML = " HTML";

    /// What HTTP statuses mean where an exchange's documents say nothing else. Every close is
    /// recoverable then.
    public static final Codes COMMON = common();

    private final List<Code> rows;
    private final Map<Where, Map<String, Code>> byCode = new LinkedHashMap<>();

    private Codes(List<Code> rows) {
        this.rows = List.copyOf(rows);
        for (Code row : rows) {
            Code before = byCode.computeIfAbsent(row.where(), _ -> new LinkedHashMap<>())
                    .put(row.code(), row);
            if (before != null) {
                throw new IllegalArgumentException("two rows for " + row.where() + " " + row.code());
            }
        }
    }

    /// In the order in which they were added.
    public List<Code> rows() {
        return rows;
    }

    @Nullable
    Code find(Where where, String code) {
        return byCode.getOrDefault(where, Map.of()).get(code);
    }

    /// What is done about a code of a frame, which may be unknown.
    Reaction inFrame(@Nullable String code, Reaction otherwise) {
        Code row = find(FRAME, String.valueOf(code));
        return row == null ? otherwise : row.reaction();
    }

    /// A refusal that came as a frame.
    ///
    /// @param request as [Message.Refused] has it
    /// @param symbol  the one that the exchange names, or ""
    static Message.Refused refused(long request, String what, Reaction reaction, String symbol) {
        Blame blame = switch (reaction) {
            case Reaction.StayAway _ -> Blame.Connection.INSTANCE;
            case Reaction.Plain plain ->
                switch (plain) {
                    case SAME_AGAIN -> Blame.Moment.INSTANCE;
                    case ELSEWHERE -> Blame.Room.INSTANCE;
                    case SUBSCRIBED -> new Blame.Already(symbol);
                    case LEFT_OUT -> symbol.isEmpty() ? Blame.OneOfThem.INSTANCE : new Blame.Symbol(symbol);
                    case HALVES, LIMIT -> Blame.OneOfThem.INSTANCE;
                    case NEW_TICKET, AGAIN, REPLACED, BUG -> Blame.Connection.INSTANCE;
                    case DROPPED, ENDED, BLOCKED -> Blame.Request.INSTANCE;
                };
        };
        return new Message.Refused(request, failure(what, reaction), blame);
    }

    /// The failure that it is where nothing says for how long to stay away.
    static Failure failure(String what, Reaction reaction) {
        return switch (reaction) {
            case Reaction.StayAway stay when stay.ifTold() -> new Failure.Recoverable(what);
            case Reaction.StayAway stay -> {
                boolean isStated = !stay.usually().isZero();
                yield new Failure.Ban(what, isStated ? stay.usually() : stay.least(), isStated, stay.extent(), null);
            }
            case Reaction.Plain plain ->
                switch (plain) {
                    case AGAIN,
                            NEW_TICKET,
                            SAME_AGAIN,
                            ELSEWHERE,
                            HALVES,
                            LIMIT,
                            BUG,
                            SUBSCRIBED,
                            REPLACED,
                            LEFT_OUT,
                            DROPPED -> new Failure.Recoverable(what);
                    case ENDED -> new Failure.Fatal(what);
                    case BLOCKED -> new Failure.Fatal(what + BLOCK, null, true);
                };
        };
    }

    private static final String BLOCK =
            " (the exchange does not serve the country or network of this address: set network.proxy or"
                    + " network.bind_address to one that it serves)";

    static Builder of() {
        return new Builder();
    }

    /// Collects rows.
    static final class Builder {
        private final List<Code> rows = new ArrayList<>();

        private Builder() {}

        Builder add(Where where, Reaction reaction, String code, String meaning) {
            rows.add(new Code(where, code, meaning, reaction));
            return this;
        }

        /// The close of a connection.
        Builder close(int code, Reaction reaction, String meaning) {
            return add(CLOSE, reaction, Integer.toString(code), meaning);
        }

        /// The status of a REST answer and of a refused handshake alike.
        Builder http(String status, Reaction reaction, String meaning) {
            return add(STATUS, reaction, status, meaning).add(HANDSHAKE, reaction, status, meaning);
        }

        Builder handshake(String status, Reaction reaction, String meaning) {
            return add(HANDSHAKE, reaction, status, meaning);
        }

        Builder status(String status, Reaction reaction, String meaning) {
            return add(STATUS, reaction, status, meaning);
        }

        Builder answer(String code, Reaction reaction, String meaning) {
            return add(ANSWER, reaction, code, meaning);
        }

        Builder frame(String code, Reaction reaction, String meaning) {
            return add(FRAME, reaction, code, meaning);
        }

        Codes build() {
            return new Codes(rows);
        }
    }

    private static Codes common() {
        Builder codes = of();
        for (String status : List.of("400", "401", "404", "405", "410")) {
            codes.http(status, Reaction.Plain.ENDED, "a wrong request, or an address that is gone");
        }
        return codes.http("403", Reaction.ban(), "refused")
                .http("403" + HTML, Reaction.Plain.BLOCKED, "not served from here, as the network before it says")
                .http("418", Reaction.ban(Extent.EXCHANGE), "banned")
                .http("429", Reaction.ban(), "too many")
                .http("451", Reaction.Plain.BLOCKED, "not served from here")
                .http("503", Reaction.banIfTold(Extent.SAME), "out of service")
                .http("5xx", Reaction.Plain.AGAIN, "a failure of the server")
                .status("200" + HTML, Reaction.Plain.AGAIN, "a web page in the place of JSON")
                .build();
    }
}
