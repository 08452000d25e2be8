package io.metdc.collector.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.metdc.connectors.FrameTap;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Keeps evidence, and never at the cost of what it is evidence of.
class FrameRecordingTest {
    private static final Market SPOT = new Market(Exchange.OKX, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.OKX, MarketType.FUTURES);
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-21T07:15:03Z"));
    private static final long AT = 1_795_245_303_123_456_789L;
    private static final FrameRecording.Bounds BOUNDS = FrameRecording.Bounds.of(FrameRecording.LEAST_BYTES);

    @TempDir
    private Path folder;

    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.metdc.collector.frames");

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void listen_no_more() {
        logger.detachAppender(appender);
    }

    private List<String> warnings() {
        return List.copyOf(appender.list).stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private FrameRecording open(FrameRecording.Bounds bounds) throws IOException {
        return FrameRecording.open(folder, bounds, () -> Long.MAX_VALUE, CLOCK);
    }

    private static void give(FrameTap tap, byte[] frame) {
        tap.accept(frame, 0, frame.length, AT);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<Path> files(String beginning) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(beginning))
                    .sorted()
                    .toList();
        }
    }

    /// What `cat` of the files gives, line by line.
    private static List<RecordedLine> lines(List<Path> files) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path file : files) {
            Files.copy(file, all);
        }
        byte[] text;
        try (InputStream in = CompressedFrames.uncompressed(new ByteArrayInputStream(all.toByteArray()))) {
            text = in.readAllBytes();
        }
        List<RecordedLine> lines = new ArrayList<>();
        for (int from = 0, to; from < text.length; from = to + 1) {
            for (to = from; text[to] != '\n'; ) {
                to++;
            }
            lines.add(RecordedLine.read(text, from, to - from));
        }
        return lines;
    }

    private static List<byte[]> frames(List<RecordedLine> lines) {
        return lines.stream()
                .filter(RecordedLine.Frame.class::isInstance)
                .map(RecordedLine.Frame.class::cast)
                .map(frame -> Arrays.copyOfRange(frame.bytes(), frame.offset(), frame.offset() + frame.length()))
                .toList();
    }

    private static long missing(List<RecordedLine> lines) {
        return lines.stream()
                .filter(RecordedLine.Missing.class::isInstance)
                .mapToLong(line -> ((RecordedLine.Missing) line).frames())
                .sum();
    }

    @Test
    void every_frame_comes_back_to_the_byte_whatever_is_in_it() throws Exception {
        Random random = new Random(11);
        List<byte[]> sent = new ArrayList<>(List.of(
                bytes("{\"a\":1}"),
                bytes(""),
                bytes(" "),
                bytes(" {\"blanks\":\"at both ends\"}\r\n"),
                bytes("{\n  \"pretty\": true\n}"),
                bytes("{\"title\":\"이더리움(ETH) 거래\"}"),
                new byte[] {(byte) 0xc3, 0x28}, // no UTF-8
                new byte[] {0, 1, 2, '\n', 127},
                bytes("#metdc-frames 1 okx spot"),
                bytes("#missing 5 okx-spot-1"),
                bytes("pong")));
        for (int i = 0; i < 500; i++) {
            byte[] any = new byte[random.nextInt(300)];
            random.nextBytes(any);
            sent.add(any);
        }
        byte[] longest = new byte[RecordedLine.LONGEST_FRAME];
        random.nextBytes(longest);
        sent.add(longest);

        try (FrameRecording recording = open(BOUNDS)) {
            FrameTap tap = recording.tap(SPOT, "okx-spot-1");
            for (byte[] frame : sent) {
                byte[] within = new byte[frame.length + 7];
                System.arraycopy(frame, 0, within, 3, frame.length);
                tap.accept(within, 3, frame.length, AT);
                Arrays.fill(within, (byte) '!'); // the session uses its buffer again
            }
        }

        List<RecordedLine> lines = lines(files("okx-spot"));
        assertThat(lines.getFirst()).isEqualTo(new RecordedLine.Header(1, "okx-spot"));
        assertThat(frames(lines)).containsExactlyElementsOf(sent);
        assertThat(lines)
                .filteredOn(RecordedLine.Frame.class::isInstance)
                .allMatch(line -> ((RecordedLine.Frame) line).receivedAtNanos() == AT);
    }

    @Test
    void markets_are_kept_apart_and_their_names_say_when_it_began() throws Exception {
        try (FrameRecording recording = open(BOUNDS)) {
            give(recording.tap(SPOT, "okx-spot-1"), bytes("spot"));
            give(recording.tap(FUTURES, "okx-futures-1"), bytes("futures"));
        }

        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder(
                            "okx-spot-20261121-071503-0001.frames.zst", "okx-futures-20261121-071503-0001.frames.zst");
        }
        assertThat(frames(lines(files("okx-futures")))).containsExactly(bytes("futures"));
    }

    @Test
    void a_recording_is_never_overwritten_by_a_later_one_even_of_the_same_second() throws Exception {
        for (String frame : List.of("first", "second", "third")) {
            try (FrameRecording recording = open(BOUNDS)) {
                give(recording.tap(SPOT, "okx-spot-1"), bytes(frame));
            }
        }

        assertThat(files("okx-spot")).hasSize(3);
        assertThat(frames(lines(files("okx-spot")))).containsExactly(bytes("first"), bytes("second"), bytes("third"));
    }

    @Test
    void at_the_limit_the_oldest_frames_go_and_those_of_an_older_recording_stay() throws Exception {
        long limit = 400_000;
        try (FrameRecording older = open(BOUNDS)) {
            give(older.tap(SPOT, "okx-spot-1"), bytes("older"));
        }
        Path kept = files("okx-spot").getFirst();
        Random random = new Random(5);
        int count = 3_000;
        try (FrameRecording recording =
                open(new FrameRecording.Bounds(limit, limit / 4, Integer.MAX_VALUE, 100_000, 0))) {
            FrameTap tap = recording.tap(SPOT, "okx-spot-1");
            for (int i = 0; i < count; i++) {
                byte[] frame = new byte[500]; // cannot be compressed, so that the limit has to hold by itself
                random.nextBytes(frame);
                frame[0] = (byte) (i >> 8);
                frame[1] = (byte) i;
                give(tap, frame);
            }
        }

        List<Path> files = new ArrayList<>(files("okx-spot"));
        assertThat(files).contains(kept);
        files.remove(kept);
        long length = 0;
        for (Path file : files) {
            assertThat(Files.size(file)).isLessThanOrEqualTo(limit / 4);
            length += Files.size(file);
        }
        assertThat(length).isBetween(limit / 2, limit);
        List<byte[]> frames = frames(lines(files));
        assertThat(frames).hasSizeLessThan(count);
        for (int i = 0; i < frames.size(); i++) { // those that are there are the newest, and none is missing among them
            int number = ((frames.get(i)[0] & 0xff) << 8) | (frames.get(i)[1] & 0xff);
            assertThat(number).isEqualTo(count - frames.size() + i);
        }
        assertThat(warnings()).singleElement().asString().contains("okx-spot", "reached 400KB", "oldest");
        assertThat(frames(lines(List.of(kept)))).containsExactly(bytes("older"));
    }

    @Test
    void what_comes_faster_than_it_can_be_kept_is_counted_and_marked_and_nobody_waits() throws Exception {
        int count = 20_000;
        long missing;
        try (FrameRecording recording = open(new FrameRecording.Bounds(100_000_000, 25_000_000, 1 << 20, 10, 0))) {
            FrameTap tap = recording.tap(SPOT, "okx-spot-1");
            for (int i = 0; i < count; i++) {
                give(tap, bytes("{\"number\":" + i + "}"));
            }
            missing = recording.missing();
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                long before = recording.missing();
                give(tap, bytes("last"));
                return recording.missing() == before;
            });
        }

        List<RecordedLine> lines = lines(files("okx-spot"));
        assertThat(missing).isPositive();
        assertThat(frames(lines).stream().filter(frame -> frame[0] == '{').count() + missing)
                .isEqualTo(count);
        assertThat(missing(lines)).isGreaterThanOrEqualTo(missing);
        assertThat(warnings()).singleElement().asString().contains("gaps", folder.toString());
    }

    @Test
    void a_frame_that_no_file_can_hold_is_marked_and_its_neighbours_are_kept() throws Exception {
        byte[] large = new byte[30_000];
        new Random(2).nextBytes(large);
        try (FrameRecording recording = open(new FrameRecording.Bounds(80_000, 20_000, 1 << 20, 100, 0))) {
            FrameTap tap = recording.tap(SPOT, "okx-spot-1");
            give(tap, bytes("before"));
            give(tap, large);
            give(tap, bytes("after"));
        }

        List<RecordedLine> lines = lines(files("okx-spot"));
        assertThat(frames(lines)).containsExactly(bytes("before"), bytes("after"));
        assertThat(missing(lines)).isOne();
    }

    @Test
    void a_folder_that_goes_away_ends_the_recording_with_one_warning_and_nothing_else() throws Exception {
        Path gone = folder.resolve("gone");
        try (FrameRecording recording = FrameRecording.open(
                gone, new FrameRecording.Bounds(400_000, 100_000, 1 << 20, 10_000, 0), () -> Long.MAX_VALUE, CLOCK)) {
            Files.delete(gone);
            FrameTap spot = recording.tap(SPOT, "okx-spot-1");
            give(spot, bytes("first"));
            await().atMost(Duration.ofSeconds(10)).until(recording::hasFailed);
            for (int i = 0; i < 100_000; i++) {
                give(spot, bytes("later"));
            }
            assertThat(recording.missing()).isZero(); // they are not waited for any more
        }

        assertThat(warnings())
                .singleElement()
                .asString()
                .contains(
                        gone.resolve("okx-spot-20261121-071503-0001.frames.zst").toString(), "is not there");
        assertThat(gone).doesNotExist();
    }

    @Test
    void a_disk_that_fills_ends_the_recording_before_the_journal_lacks_room() throws Exception {
        AtomicLong free = new AtomicLong(3_000_000_000L);
        try (FrameRecording recording = FrameRecording.open(folder, BOUNDS, free::get, CLOCK)) {
            give(recording.tap(SPOT, "okx-spot-1"), bytes("while there was room"));
            free.set(999_999_999);
            await().atMost(Duration.ofSeconds(10)).until(recording::hasFailed);
            assertThat(recording.summary()).contains("1 frames", "ended before its time");
        }

        assertThat(warnings())
                .singleElement()
                .asString()
                .contains(folder.toString(), "less than 1GB of the disk is free");
        assertThat(frames(lines(files("okx-spot")))).containsExactly(bytes("while there was room"));
    }

    @Test
    void where_nothing_can_be_recorded_is_said_at_the_start() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "a file");

        assertThatThrownBy(() -> FrameRecording.open(file, FrameRecording.LEAST_BYTES, CLOCK))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(file.toString(), "it is no folder", "name a folder");
        assertThatThrownBy(() -> FrameRecording.open(file.resolve("below"), FrameRecording.LEAST_BYTES, CLOCK))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("below", "name a folder");
        assertThatThrownBy(() -> FrameRecording.open(folder, BOUNDS, () -> 5, CLOCK))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("less than 1GB", "another disk");
        assertThat(file).hasContent("a file");
    }

    @Test
    void what_was_kept_until_a_kill_can_be_read() throws Exception {
        try (FrameRecording recording = open(BOUNDS)) {
            give(recording.tap(SPOT, "okx-spot-1"), bytes("kept"));
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> !files("okx-spot").isEmpty()
                            && Files.size(files("okx-spot").getFirst()) > 20);

            byte[] killed = Files.readAllBytes(files("okx-spot").getFirst());
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            try (InputStream in = CompressedFrames.uncompressed(new ByteArrayInputStream(killed))) {
                assertThatThrownBy(() -> in.transferTo(text)).isInstanceOf(IOException.class);
            }
            assertThat(text.toString(StandardCharsets.UTF_8)).endsWith("okx-spot-1 text kept\n");
        }
    }

    @Test
    void plain_input_is_left_as_it_is() throws Exception {
        for (String plain : List.of("", "{", "(", "{\"a\":1}\n", "(\u00b5", "#metdc-frames 1 okx spot\n")) {
            try (InputStream in = CompressedFrames.uncompressed(new ByteArrayInputStream(bytes(plain)))) {
                assertThat(in.readAllBytes()).isEqualTo(bytes(plain));
            }
        }
    }

    @Test
    void rubbish_is_no_line_and_no_error() {
        Random random = new Random(8);
        for (int i = 0; i < 20_000; i++) {
            byte[] rubbish = new byte[random.nextInt(60)];
            for (int at = 0; at < rubbish.length; at++) {
                rubbish[at] = bytes("#metdc-frames missing 0123456789 text base64 =\u0000")[random.nextInt(47)];
            }
            assertThat(RecordedLine.read(rubbish, 0, rubbish.length)).isNotNull();
        }
        for (String line : List.of(
                "",
                "1",
                "1 ",
                "1 a",
                "1 a text",
                "x a text {}",
                "1 a other {}",
                "1 a base64 ?",
                "9999999999999999999 a text {}",
                "#missing",
                "#missing x",
                "#metdc-frames ",
                "#metdc-frames x y z")) {
            RecordedLine read = RecordedLine.read(bytes(line), 0, bytes(line).length);
            if (!line.equals("1 a text")) { // an empty frame
                assertThat(read).as(line).isEqualTo(new RecordedLine.Unreadable());
            }
        }
    }
}
