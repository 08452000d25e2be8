package io.metdc.connectors;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.metdc.market.Instrument;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// One subscribe or unsubscribe frame.
///
/// @param number      by which its answer is known
/// @param instruments what it is about
/// @param text        the frame as sent
public record Request(long number, List<Instrument> instruments, String text) {
    /// Makes the text of a frame, as [Connector#subscribe] does.
    interface Writer {
        String write(long number, List<Instrument> instruments, Instant now);
    }

    /// How long the frame is on the wire, without its WebSocket head.
    public int bytes() {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /// The frames that subscribe these instruments, each within the connector's limits, numbered from 1: what a
    /// session will send.
    public static List<Request> subscribing(Connector connector, List<Instrument> instruments, Instant now) {
        return cut(connector.limits(), instruments, 1, now, connector::subscribe);
    }

    /// Cuts a list into frames that hold as many instruments as the limits on names and bytes allow. A single name
    /// that is too long by itself gets a frame of its own.
    static List<Request> cut(
            Limits limits, List<Instrument> instruments, long firstNumber, Instant now, Writer writer) {
        List<Request> requests = new ArrayList<>();
        int from = 0;
        while (from < instruments.size()) {
            long number = firstNumber + requests.size();
            int count = Math.min(limits.instrumentsPerFrame(), instruments.size() - from);
            Request request = request(number, instruments.subList(from, from + count), now, writer);
            while (request.bytes() > limits.frameBytes() && count > 1) {
                count = Math.max(1, Math.min(count - 1, (int) ((long) count * limits.frameBytes() / request.bytes())));
                request = request(number, instruments.subList(from, from + count), now, writer);
            }
            requests.add(request);
            from += count;
        }
        return requests;
    }

    /// A text as JSON writes it.
    static String quoted(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    /// Lower case of the Latin letters alone, as the exchanges have it: what other scripts make of it, none
    /// documents.
    static String lowerCase(String text) {
        var lower = new StringBuilder();
        text.chars().forEach(c -> lower.append((char) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c)));
        return lower.toString();
    }

    private static Request request(long number, List<Instrument> instruments, Instant now, Writer writer) {
        List<Instrument> copy = List.copyOf(instruments);
        return new Request(number, copy, writer.write(number, copy, now));
    }
}
