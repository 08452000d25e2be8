package io.metdc.collector.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.metdc.listings.watch.NoticeTitle;
import io.metdc.listings.watch.NoticeTitle.Coin;
import io.metdc.listings.watch.NoticeTitle.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Titles in, what they say out, in constant memory. Both are UTF-8, whatever the locale. Used once, by one thread.
final class TitleParsing {
    private static final int MOST_NAMED = 1_000;
    private static final NoticeTitle EMPTY = NoticeTitle.parse("");

    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final List<Long> unclear = new ArrayList<>(); // lines
    private long moreUnclear;
    private long written;

    /// Reads to the end. What is read is written before more is waited for.
    ///
    /// @return false when nobody wanted to read the answers any more
    /// @throws CommandException when the input cannot be read, or the answers not be written
    boolean run(InputStream in, OutputStream out) throws IOException, CommandException {
        Results results = new Results(out);
        try (JsonGenerator json = new JsonFactory().createGenerator(results)) {
            json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
            json.setRootValueSeparator(new SerializedString(""));
            FrameLines lines = new FrameLines(in);
            while (!results.isClosed() && isMore(lines, json, results)) {
                writeEmpty(lines.number() - 1, json);
                String title = new String(lines.bytes(), lines.offset(), lines.length(), StandardCharsets.UTF_8);
                write(
                        lines.isTooLong() ? new NoticeTitle(Kind.OTHER, List.of(), true) : NoticeTitle.parse(title),
                        json);
            }
            flush(lines, json, results);
        }
        return results.areWanted("answers");
    }

    private boolean isMore(FrameLines lines, JsonGenerator json, Results results) throws IOException, CommandException {
        try {
            return lines.next(() -> flush(lines, json, results));
        } catch (IOException e) {
            flush(lines, json, results);
            throw CommandException.failed(
                    "the input cannot be read after line " + lines.number() + ": " + e.getMessage(), e);
        }
    }

    private void flush(FrameLines lines, JsonGenerator json, Results results) throws IOException {
        writeEmpty(lines.number(), json);
        json.flush();
        results.flush();
    }

    /// Blank lines are passed over in reading, and have an answer like any other.
    ///
    /// @param until the number of the last of them
    private void writeEmpty(long until, JsonGenerator json) throws IOException {
        while (written < until) {
            write(EMPTY, json);
        }
    }

    private void write(NoticeTitle title, JsonGenerator json) throws IOException {
        written++;
        counts.merge(title.kind(), 1L, Long::sum);
        if (title.unclear() && unclear.size() < MOST_NAMED) {
            unclear.add(written);
        } else if (title.unclear()) {
            moreUnclear++;
        }
        json.writeStartObject();
        json.writeStringField("kind", title.kind().id());
        json.writeArrayFieldStart("listings");
        for (Coin coin : title.listings()) {
            json.writeStartObject();
            json.writeStringField("symbol", coin.symbol());
            json.writeArrayFieldStart("markets");
            for (String market : coin.markets()) {
                json.writeString(market);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
    }

    /// What the titles were, and which of them a person has to look at.
    String counts() {
        String kinds = counts.entrySet().stream()
                .map(kind -> kind.getValue() + " " + kind.getKey().id())
                .collect(Collectors.joining(", "));
        return written + " titles" + (kinds.isEmpty() ? "" : ": " + kinds) + "; "
                + (unclear.isEmpty()
                        ? "none of them unclear"
                        : (unclear.size() + moreUnclear) + " of them unclear, for a person to look at: "
                                + (unclear.size() == 1 ? "line " : "lines ")
                                + unclear.stream().map(String::valueOf).collect(Collectors.joining(", "))
                                + (moreUnclear == 0 ? "" : ", …"));
    }
}
