package io.metdc.connectors;

import io.metdc.connectors.Code.Where;
import io.metdc.connectors.Http.Answered;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tells what a refusal means for the next attempt: by its code alone, as the exchange's [Codes] have
/// it. How long to stay away, the answer says in headers or, where the documents say so, in its text.
/// Any thread may call it.
public final class Classification {
    private static final Pattern EPOCH_SECONDS_OR_MILLIS = Pattern.compile("[0-9]{10}|[0-9]{13}");

    private final Codes codes;
    private final Connector connector;
    private final InstantSource clock;

    private Classification(Connector connector, InstantSource clock) {
        codes = connector.codes();
        this.connector = connector;
        this.clock = clock;
    }

    /// By the codes of an exchange, and where it has none by the common ones.
    ///
    /// @param clock ours, against which the end of a ban is held
    public static Classification of(Connector connector, InstantSource clock) {
        return new Classification(connector, clock);
    }

    /// What a REST answer means whose status is no success, or that is not what was asked for.
    ///
    /// @param place exchange and address
    Failure answer(Answered answer, String place) {
        Code row = own(answer);
        Reaction reaction = row == null ? byStatus(Where.STATUS, answer) : row.reaction();
        return failure(answer, place, reaction);
    }

    /// What an answer means that came as a success, and cannot be read as what was asked for.
    ///
    /// @return null when it is no error of the exchange's own
    @Nullable
    Failure success(Answered answer, String place) {
        Code row = own(answer);
        return row == null ? null : failure(answer, place, row.reaction());
    }

    /// What the refusal of a handshake means.
    Failure handshake(Answered answer, String place) {
        return failure(answer, place, byStatus(Where.HANDSHAKE, answer));
    }

    /// What the close of a connection means.
    ///
    /// @param what  in words, with the code
    /// @param cause what it is called
    Failure close(int code, String what, DisconnectCause cause) {
        Failure failure = Codes.failure(what, onClose(code));
        return failure instanceof Failure.Recoverable ? new Failure.Recoverable(what, cause) : failure;
    }

    /// What is done when a connection is closed with this code.
    Reaction onClose(int code) {
        Code row = codes.find(Where.CLOSE, Integer.toString(code));
        return row == null ? Reaction.Plain.AGAIN : row.reaction();
    }

    private @Nullable Code own(Answered answer) {
        String code = connector.errorCode(answer.body());
        return code.isEmpty() ? null : codes.find(Where.ANSWER, code);
    }

    private Reaction byStatus(Where where, Answered answer) {
        String status = Integer.toString(answer.status());
        Code row = isWebPage(answer) ? find(where, status + Codes.HTML) : null;
        row = row == null ? find(where, status) : row;
        return row == null ? Reaction.Plain.AGAIN : row.reaction();
    }

    private @Nullable Code find(Where where, String code) {
        Code row = codes.find(where, code);
        return row == null ? Codes.COMMON.find(where, code) : row;
    }

    private Failure failure(Answered answer, String place, Reaction reaction) {
        String said = Answer.excerpt(answer.body());
        String what = place + " answered " + answer.status() + (said.isEmpty() ? "" : ": " + said);
        if (reaction == Reaction.Plain.LEFT_OUT) { // asked for again in the same way it is not there either
            return new Failure.Fatal(what);
        }
        if (reaction instanceof Reaction.StayAway stay) {
            Optional<Duration> told = told(answer, stay);
            if (told.isPresent()) {
                return new Failure.Ban(what, told.get(), true, stay.extent(), null);
            }
        }
        return Codes.failure(what, reaction);
    }

    /// The longest that any of them says.
    private Optional<Duration> told(Answered answer, Reaction.StayAway stay) {
        Instant now = clock.instant();
        Optional<Duration> told = RetryAfter.inHeader(answer, now);
        told = longer(told, ownHeader(answer));
        told = longer(told, connector.banLength(answer.body()));
        OptionalLong end = connector.banEndMillis(answer.body());
        if (end.isEmpty() && told.isEmpty() && stay.extent() != Failure.Extent.EXCHANGE) {
            end = limitEndMillis(answer);
        }
        if (end.isPresent()) { // a second more, since their clock is not ours
            long seconds = Math.max(0, end.getAsLong() - now.toEpochMilli()) / 1000 + 1;
            told = longer(told, Optional.of(Duration.ofSeconds(seconds)));
        }
        return told.map(RetryAfter::bounded)
                .map(pause -> pause.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : pause);
    }

    private Optional<Duration> ownHeader(Answered answer) {
        String written = answer.header(connector.retryAfterHeader()).strip();
        return written.matches("\\d{1,9}")
                ? Optional.of(connector.retryAfterUnit().multipliedBy(Long.parseLong(written)))
                : Optional.empty();
    }

    private OptionalLong limitEndMillis(Answered answer) {
        String header = connector.limitEndHeader();
        String written = header.isEmpty() ? "" : answer.header(header);
        return EPOCH_SECONDS_OR_MILLIS.matcher(written).matches()
                ? OptionalLong.of(Long.parseLong(written) * (written.length() == 10 ? 1000 : 1))
                : OptionalLong.empty();
    }

    private static Optional<Duration> longer(Optional<Duration> one, Optional<Duration> other) {
        return one.isEmpty() || (other.isPresent() && other.get().compareTo(one.get()) > 0) ? other : one;
    }

    /// By its header, since of the answer to a handshake nothing else need be there yet, or by how it
    /// begins.
    static boolean isWebPage(Answered answer) {
        return answer.header("Content-Type").strip().regionMatches(true, 0, "text/html", 0, 9) || isHtml(answer.body());
    }

    static boolean isHtml(byte[] body) {
        for (byte b : body) {
            if (!Character.isWhitespace(b)) {
                return b == '<';
            }
        }
        return false;
    }
}
