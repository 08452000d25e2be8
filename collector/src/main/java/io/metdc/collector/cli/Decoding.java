package io.metdc.collector.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.metdc.collector.frames.CompressedFrames;
import io.metdc.collector.frames.RecordedLine;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Frame;
import io.metdc.connectors.Instruments;
import io.metdc.connectors.Message;
import io.metdc.connectors.Occurrences;
import io.metdc.market.Consumed;
import io.metdc.market.Flag;
import io.metdc.market.Market;
import io.metdc.market.Origin;
import io.metdc.market.Plausibility;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Frames in, trades out, in constant memory. Frames come one a line, or as a recording, compressed or not. Used once,
/// by one thread.
final class Decoding {
    private static final String TOO_LONG = "too long";
    private static final String NOT_RECORDED = "no line of a recording";

    private final Connector connector;
    private final Instruments instruments;
    private final Frame frame = new Frame();
    private final Occurrences occurrences = Occurrences.ofDecoding();

    private long frames;
    private long trades;
    private long consumed;
    private long ignored;
    private boolean isRecording;
    private long missing; // frames that a recording does not have
    private final Map<String, Kind> rejected = new TreeMap<>();
    private final Map<String, Kind> unreadable = new TreeMap<>();

    /// The input could not be read to its end.
    static final class CutOff extends Exception {
        private static final long serialVersionUID = 1L;

        private CutOff(long line, IOException cause) {
            super("the input is damaged or cut off after line " + line + " (" + cause.getMessage() + ")", cause);
        }
    }

    /// How often something happened, and where first.
    private record Kind(long count, long firstLine) {
        Kind plus(Kind other) {
            return new Kind(count + other.count, firstLine);
        }
    }

    Decoding(Connector connector, Instruments instruments) {
        this.connector = connector;
        this.instruments = instruments;
    }

    /// Reads to the end.
    ///
    /// @return false when nobody wanted to read the trades any more
    /// @throws CutOff           when the input ends or breaks where it should not: what came before it is decoded
    /// @throws CommandException when the trades cannot be written, or the input is a recording of another market
    boolean run(InputStream in, OutputStream out) throws IOException, CommandException, CutOff {
        Results output = new Results(out);
        try (JsonGenerator json = new JsonFactory().createGenerator(output)) {
            json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
            json.setRootValueSeparator(new SerializedString(""));
            FrameLines lines = new FrameLines(CompressedFrames.uncompressed(in));
            while (!output.isClosed() && isMore(lines, json, output)) {
                take(lines, json);
            }
            flush(json, output);
        }
        return output.areWanted("trades");
    }

    private static boolean isMore(FrameLines lines, JsonGenerator json, Results output) throws IOException, CutOff {
        try {
            return lines.next(() -> flush(json, output));
        } catch (IOException e) {
            flush(json, output);
            throw new CutOff(lines.number(), e);
        }
    }

    private void take(FrameLines lines, JsonGenerator json) throws IOException, CommandException {
        long line = lines.number();
        byte[] bytes = lines.bytes();
        int offset = lines.offset();
        int length = lines.length();
        if (lines.isTooLong()) {
            frames++;
            count(unreadable, TOO_LONG, line);
        } else if (isRecording || RecordedLine.isHeader(bytes, offset, length)) {
            take(RecordedLine.read(bytes, offset, length), line, json);
        } else {
            take(bytes, offset, length, 0, line, json);
        }
    }

    private void take(RecordedLine recorded, long line, JsonGenerator json) throws IOException, CommandException {
        switch (recorded) {
            case RecordedLine.Header header -> {
                require(header, line);
                isRecording = true;
            }
            case RecordedLine.Missing gap -> missing += gap.frames();
            case RecordedLine.Frame one ->
                take(one.bytes(), one.offset(), one.length(), one.receivedAtNanos(), line, json);
            case RecordedLine.Unreadable _ -> {
                frames++;
                count(unreadable, NOT_RECORDED, line);
            }
        }
    }

    private void require(RecordedLine.Header header, long line) throws CommandException {
        if (header.version() != RecordedLine.VERSION) {
            throw CommandException.failed("line " + line + " begins a recording in format " + header.version()
                    + "; this metdc reads format " + RecordedLine.VERSION);
        }
        if (!header.market().equals(connector.market().toString())) {
            throw CommandException.usage("line " + line + " begins a recording of " + header.market() + ", not of "
                    + connector.market() + ": decode each market by itself");
        }
    }

    private void take(byte[] bytes, int offset, int length, long receivedAtNanos, long line, JsonGenerator json)
            throws IOException {
        frames++;
        if (length > RecordedLine.LONGEST_FRAME) {
            count(unreadable, TOO_LONG, line);
        } else {
            frame.set(bytes, offset, length, receivedAtNanos);
            take(connector.read(frame, instruments), line, json);
        }
    }

    private static void flush(JsonGenerator json, Results output) throws IOException {
        json.flush();
        output.flush();
    }

    private void take(Message message, long line, JsonGenerator json) throws IOException {
        switch (message) {
            case Message.Rows rows -> take(rows.rows(), line, json);
            case Message.Unnumbered rows -> take(occurrences.take(rows), line, json);
            case Message.Unreadable what -> count(unreadable, what.why(), line);
            case Message.Acknowledged _,
                    Message.Named _,
                    Message.Refused _,
                    Message.Greeting _,
                    Message.Closing _,
                    Message.Ignored _ -> ignored++;
        }
    }

    private void take(List<Row> rows, long line, JsonGenerator json) throws IOException {
        for (Row row : rows) {
            take(row, line, json);
        }
    }

    private void take(Row row, long line, JsonGenerator json) throws IOException {
        switch (row) {
            case Trade trade -> {
                if (!isTold(trade.executedAtNanos())) {
                    count(rejected, RejectReason.IMPLAUSIBLE_TIME.id(), line);
                } else if (Plausibility.isPlausible(trade.price()) && Plausibility.isPlausible(trade.size())) {
                    trades++;
                    write(trade, line, json);
                } else { // written out it could fill the disk
                    count(rejected, RejectReason.IMPLAUSIBLE_NUMBER.id(), line);
                }
            }
            case Consumed _ -> consumed++;
            case Rejected what -> count(rejected, what.reason().id(), line);
        }
    }

    /// Whether nanoseconds tell the time as it was: any age is welcome, but not one that is beyond what a `long` holds.
    private static boolean isTold(long executedAtNanos) {
        return executedAtNanos >= 0 && executedAtNanos < Long.MAX_VALUE;
    }

    private static void write(Trade trade, long line, JsonGenerator json) throws IOException {
        Market market = trade.instrument().market();
        json.writeStartObject();
        json.writeNumberField("line", line);
        json.writeStringField("exchange", market.exchange().id());
        json.writeStringField("market", market.type().id());
        json.writeStringField("symbol", trade.instrument().symbol());
        json.writeStringField("trade_id", trade.id().toString());
        json.writeStringField("price", plain(trade.price()));
        json.writeStringField("quantity", plain(trade.quantity()));
        json.writeStringField("side", trade.takerSide().id());
        json.writeNumberField("time_ns", trade.executedAtNanos());
        if (trade.origin() == Origin.SNAPSHOT) {
            json.writeBooleanField("snapshot", true);
        }
        if (!trade.flags().isEmpty()) {
            json.writeArrayFieldStart("flags");
            for (Flag flag : Flag.values()) {
                if (trade.flags().contains(flag)) {
                    json.writeString(flag.id());
                }
            }
            json.writeEndArray();
        }
        json.writeEndObject();
        json.writeRaw('\n');
    }

    private static String plain(BigDecimal number) {
        return number.toPlainString();
    }

    private static void count(Map<String, Kind> kinds, String kind, long line) {
        kinds.merge(kind, new Kind(1, line), Kind::plus);
    }

    /// Frames that a recording says it does not have.
    long missing() {
        return missing;
    }

    /// What the frames were, in one line.
    String counts() {
        return frames + " frames: " + trades + " trades, " + consumed + " consumed, " + ignored + " ignored, "
                + described(rejected) + " rejected" + details(rejected) + ", " + described(unreadable) + " unreadable"
                + details(unreadable);
    }

    private static String described(Map<String, Kind> kinds) {
        return Long.toString(kinds.values().stream().mapToLong(Kind::count).sum());
    }

    private static String details(Map<String, Kind> kinds) {
        return kinds.isEmpty()
                ? ""
                : kinds.entrySet().stream()
                        .map(kind -> kind.getValue().count + " " + kind.getKey() + ", first in line "
                                + kind.getValue().firstLine)
                        .collect(Collectors.joining("; ", " (", ")"));
    }
}
