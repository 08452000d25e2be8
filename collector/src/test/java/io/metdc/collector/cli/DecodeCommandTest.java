package io.metdc.collector.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.metdc.collector.frames.CompressedFrames;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.connectors.FrameTap;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecodeCommandTest {
    private static final byte[] TRADE =
            "{\"e\":\"trade\",\"s\":\"A\",\"t\":1,\"p\":\"1\",\"q\":\"1\",\"T\":1795000000123,\"m\":true}"
                    .getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private Invocation metdc;

    @BeforeEach
    void set_up() {
        metdc = new Invocation(folder);
    }

    @Test
    void each_trade_is_one_line_of_json_with_exact_plain_numbers() throws Exception {
        int exitCode = metdc.input(resource("spot.jsonl")).run("decode", "binance", "spot");

        assertThat(metdc.lines())
                .containsExactly(
                        "{\"line\":1,\"exchange\":\"binance\",\"market\":\"spot\",\"symbol\":\"BTCUSDT\",\"trade_id\":\"101\","
                                + "\"price\":\"65432.10000000\",\"quantity\":\"0.00100000\",\"side\":\"sell\",\"time_ns\":1795000000123000000}",
                        "{\"line\":3,\"exchange\":\"binance\",\"market\":\"spot\",\"symbol\":\"ETHUSDT\",\"trade_id\":\"8100000000\","
                                + "\"price\":\"0.000000000001\",\"quantity\":\"12345678901234567890\",\"side\":\"buy\",\"time_ns\":1795000000199001000}",
                        "{\"line\":8,\"exchange\":\"binance\",\"market\":\"spot\",\"symbol\":\"BTCUSDT\",\"trade_id\":\"102\","
                                + "\"price\":\"1000\",\"quantity\":\"0.00000001\",\"side\":\"buy\",\"time_ns\":1795000000299000000}");
        assertThat(exitCode).isZero();
    }

    @Test
    void what_else_was_there_is_counted() throws Exception {
        metdc.input(resource("spot.jsonl")).run("decode", "binance", "spot");

        assertThat(metdc.err())
                .isEqualTo(
                        "8 frames: 3 trades, 0 consumed, 2 ignored, 2 rejected (1 implausible_number, first in line 9;"
                                + " 1 malformed, first in line 6), 1 unreadable (1 not JSON, first in line 5)\n");
    }

    @Test
    void a_consumed_id_yields_nothing_and_a_flag_is_named() throws Exception {
        metdc.input(resource("futures.jsonl")).run("decode", "BINANCE", "Futures");

        assertThat(metdc.lines())
                .singleElement()
                .asString()
                .contains("\"market\":\"futures\"")
                .endsWith(",\"flags\":[\"rpi\"]}");
        assertThat(metdc.err()).isEqualTo("2 frames: 1 trades, 1 consumed, 0 ignored, 0 rejected, 0 unreadable\n");
    }

    @Test
    void with_the_list_of_instruments_only_collected_ones_yield_trades() throws Exception {
        Files.write(folder.resolve("list.json"), resource("spot-instruments.json"));

        metdc.input(resource("spot.jsonl")).run("decode", "binance", "spot", "--instruments", "list.json");

        assertThat(metdc.lines()).hasSize(2).allMatch(line -> line.contains("\"BTCUSDT\""));
        assertThat(metdc.err()).contains("2 unknown_instrument, first in line 3");
    }

    @Test
    void an_instrument_that_is_listed_twice_is_taken_once_and_its_neighbours_stay() throws Exception {
        String row = "{\"symbol\":\"A\",\"status\":\"TRADING\",\"baseAsset\":\"A\",\"quoteAsset\":\"USDT\","
                + "\"isSpotTradingAllowed\":true}";
        Files.writeString(folder.resolve("list.json"), "{\"symbols\":[" + row + "," + row + "]}");

        assertThat(metdc.input(TRADE).run("decode", "binance", "spot", "--instruments", "list.json"))
                .isZero();

        assertThat(metdc.lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775807", "99999999999999", "-5"})
    void a_time_that_no_nanoseconds_can_tell_is_rejected_rather_than_printed_as_another(String time) {
        String frame = new String(TRADE, StandardCharsets.UTF_8).replace("1795000000123", time);

        metdc.input(frame.getBytes(StandardCharsets.UTF_8)).run("decode", "binance", "spot");

        assertThat(metdc.out()).isEmpty();
        assertThat(metdc.err()).contains("1 rejected (1 implausible_time, first in line 1)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kraken spot | metdc: this version cannot read frames of 'kraken'; it can those of KNOWN",
                "upbit futures | metdc: upbit has no futures market that is collected",
                "binance margin | metdc: 'margin' is no market: it is spot or futures",
                "binance spot --instruments nowhere.json | metdc: there is no file FOLDER/nowhere.json",
                "binance spot --instruments . | metdc: cannot read FOLDER/.: Is a directory",
            })
    void a_wrong_use_is_explained_in_a_line(String arguments, String message) {
        assertThat(metdc.run(("decode " + arguments).split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err())
                .isEqualTo(message.replace("FOLDER", folder.toString())
                                .replace("KNOWN", String.join(", ", new DecodeCommand.ReadableExchanges()))
                        + "\n");
        assertThat(metdc.out()).isEmpty();
    }

    @Test
    void one_page_of_a_list_decodes_its_own_symbols_and_says_so() throws Exception {
        Files.writeString(
                folder.resolve("page.json"),
                "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"category\":\"linear\",\"list\":[{\"symbol\":\"SOLUSDT\","
                        + "\"contractType\":\"LinearPerpetual\",\"status\":\"Trading\",\"baseCoin\":\"SOL\",\"quoteCoin\":"
                        + "\"USDT\",\"settleCoin\":\"USDT\"}],\"nextPageCursor\":\"more\"}}");
        String frame =
                "{\"topic\":\"publicTrade.X\",\"type\":\"snapshot\",\"ts\":1795000000125,\"data\":[{\"T\":1795000000123,"
                        + "\"s\":\"X\",\"S\":\"Buy\",\"v\":\"1\",\"p\":\"2\",\"i\":\"abc\",\"BT\":false}]}\n";

        int exitCode = metdc.input((frame.replace("X", "SOLUSDT") + frame.replace("X", "ETHUSDT"))
                        .getBytes(StandardCharsets.UTF_8))
                .run("decode", "bybit", "futures", "--instruments", "page.json");

        assertThat(exitCode).isZero();
        assertThat(metdc.lines()).singleElement().asString().contains("SOLUSDT");
        assertThat(metdc.err()).startsWith(folder.resolve("page.json") + " is one page of several: ");
    }

    @Test
    void a_file_that_is_no_list_of_instruments_is_an_error() throws Exception {
        for (String text : new String[] {"", "<html>", "[]", "{\"code\":-1003,\"msg\":\"x\"}"}) {
            Files.writeString(folder.resolve("list.json"), text);

            assertThat(metdc.run("decode", "binance", "spot", "--instruments", "list.json"))
                    .isEqualTo(ExitCode.USAGE);
            assertThat(metdc.err())
                    .startsWith(
                            "metdc: " + folder.resolve("list.json") + " is no list of instruments of binance-spot: ");
            assertThat(metdc.err().lines()).hasSize(1);
        }
    }

    @Test
    void rubbish_is_counted_line_by_line_and_never_ends_it() {
        byte[] rubbish = new byte[300_000];
        new Random(5).nextBytes(rubbish);
        byte[] all = new byte[rubbish.length + 1 + TRADE.length];
        System.arraycopy(rubbish, 0, all, 0, rubbish.length);
        all[rubbish.length] = '\n';
        System.arraycopy(TRADE, 0, all, rubbish.length + 1, TRADE.length);

        assertThat(metdc.input(all).run("decode", "binance", "spot")).isZero();

        assertThat(metdc.lines()).hasSize(1);
        assertThat(metdc.err())
                .matches("(?s)\\d{3,} frames: 1 trades, 0 consumed, 0 ignored, 0 rejected, \\d{3,} unreadable .*");
    }

    @Test
    void a_line_longer_than_any_frame_is_passed_over_in_little_memory() throws Exception {
        long length = 200L << 20;
        InputStream endless = new InputStream() {
            private long at;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] bytes, int offset, int wanted) {
                int given = 0;
                for (; given < wanted && at <= length + TRADE.length; given++, at++) {
                    bytes[offset + given] =
                            at < length ? (byte) 'x' : at == length ? (byte) '\n' : TRADE[(int) (at - length - 1)];
                }
                return given == 0 ? -1 : given;
            }
        };
        FrameLines lines = new FrameLines(endless);
        assertThat(lines.next(() -> {})).isTrue();
        assertThat(lines.isTooLong()).isTrue();
        assertThat(lines.bytes().length).isLessThanOrEqualTo(4 * FrameLines.LONGEST);
        assertThat(lines.next(() -> {})).isTrue();
        assertThat(lines.isTooLong()).isFalse();
        assertThat(lines.length()).isEqualTo(TRADE.length);
        assertThat(lines.number()).isEqualTo(2);
        assertThat(lines.next(() -> {})).isFalse();
    }

    @Test
    void lines_are_cut_the_same_wherever_the_reads_end() throws Exception {
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder();
            List<String> expected = new ArrayList<>();
            int number = 0;
            for (int i = random.nextInt(6); i >= 0; i--) {
                number++;
                String line = "x".repeat(random.nextInt(4) == 0 ? 0 : random.nextInt(90_000));
                text.append(line);
                if (i > 0 || random.nextBoolean()) {
                    text.append(random.nextBoolean() ? "\r\n" : "\n");
                }
                if (!line.isEmpty()) {
                    expected.add(number + ":" + line.length());
                }
            }
            InputStream trickle = new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.US_ASCII)) {
                @Override
                public synchronized int read(byte[] into, int offset, int length) {
                    return super.read(into, offset, Math.min(length, 1 + random.nextInt(50_000)));
                }
            };
            FrameLines lines = new FrameLines(trickle);
            List<String> found = new ArrayList<>();
            while (lines.next(() -> {})) {
                found.add(lines.number() + ":" + lines.length());
            }
            assertThat(found).isEqualTo(expected);
        }
    }

    private byte[] recorded(String exchange, byte[]... frames) throws Exception {
        Path recorded = Files.createTempDirectory(folder, "recorded");
        Market market = new Market(Exchange.of(exchange).orElseThrow(), MarketType.SPOT);
        try (FrameRecording recording =
                FrameRecording.open(recorded, FrameRecording.LEAST_BYTES, InstantSource.system())) {
            FrameTap tap = recording.tap(market, market + "-1");
            for (byte[] frame : frames) {
                tap.accept(frame, 0, frame.length, 1);
            }
        }
        try (Stream<Path> files = Files.list(recorded)) {
            return Files.readAllBytes(files.findFirst().orElseThrow());
        }
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void recordings_are_read_compressed_or_not_one_or_several() throws Exception {
        byte[] pretty =
                new String(TRADE, StandardCharsets.UTF_8).replace(",", ",\n  ").getBytes(StandardCharsets.UTF_8);
        byte[] one = recorded("binance", TRADE, "{\"result\":null,\"id\":1}".getBytes(StandardCharsets.UTF_8), pretty);

        assertThat(metdc.input(one).run("decode", "binance", "spot")).isZero();
        List<String> trades = metdc.lines();
        assertThat(trades).hasSize(2);
        assertThat(trades.getFirst()).startsWith("{\"line\":2,");
        assertThat(metdc.err()).isEqualTo("3 frames: 2 trades, 0 consumed, 1 ignored, 0 rejected, 0 unreadable\n");

        byte[] text =
                CompressedFrames.uncompressed(new ByteArrayInputStream(one)).readAllBytes();
        assertThat(metdc.input(text).run("decode", "binance", "spot")).isZero();
        assertThat(metdc.lines()).isEqualTo(trades);

        assertThat(metdc.input(joined(one, one)).run("decode", "binance", "spot"))
                .isZero();
        assertThat(metdc.err()).startsWith("6 frames: 4 trades, 0 consumed, 2 ignored, 0 rejected, 0 unreadable");
    }

    @Test
    void what_a_recording_lacks_is_said() throws Exception {
        String text = """
                #metdc-frames 1 binance spot 2026-11-21T07:15:03Z
                #missing 40 binance-spot-1
                17 binance-spot-1 text {}
                #missing 2 binance-spot-2
                what is this
                """;

        assertThat(metdc.input(text.getBytes(StandardCharsets.UTF_8)).run("decode", "binance", "spot"))
                .isZero();

        assertThat(metdc.err())
                .contains("1 no line of a recording, first in line 5")
                .endsWith("the recording says that 42 frames are missing in it\n");
    }

    @Test
    void a_recording_of_another_market_or_a_newer_format_is_refused() throws Exception {
        assertThat(metdc.input(recorded("okx", TRADE)).run("decode", "binance", "spot"))
                .isEqualTo(2);
        assertThat(metdc.err()).contains("line 1", "of okx-spot, not of binance-spot");

        String newer = "#metdc-frames 2 binance spot\n";
        assertThat(metdc.input(newer.getBytes(StandardCharsets.UTF_8)).run("decode", "binance", "spot"))
                .isEqualTo(1);
        assertThat(metdc.err()).contains("in format 2", "reads format 1");
    }

    @Test
    void a_recording_that_is_cut_off_gives_what_is_there_and_is_a_failure() throws Exception {
        byte[] whole = recorded("binance", TRADE, TRADE);

        assertThat(metdc.input(Arrays.copyOf(whole, whole.length - 2)).run("decode", "binance", "spot"))
                .isEqualTo(1);

        assertThat(metdc.lines()).hasSize(2);
        assertThat(metdc.err()).contains("2 frames: 2 trades", "damaged or cut off after line 3", "what came before");
    }

    @Test
    void it_ends_quietly_when_nobody_reads_on() throws Exception {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Terminal terminal =
                Terminal.of(new ByteArrayInputStream(resource("spot.jsonl")), closed, OutputStream.nullOutputStream());
        Surroundings surroundings = new Surroundings(terminal, Map.of(), folder, folder);

        assertThat(new CommandLineInterface(surroundings, null).execute("decode", "binance", "spot"))
                .isZero();
    }

    /// The numbers of the recorded frames' own documentation.
    @ParameterizedTest
    @CsvSource({
        "spot,spot-trades.jsonl,,40,40",
        "spot,spot-trades.jsonl,spot-instruments.json,40,34",
        "futures,futures-trades.jsonl,,38,34",
        "futures,futures-trades.jsonl,futures-instruments.json,38,22",
        "spot,spot-control.jsonl,,20,0",
        "futures,futures-control.jsonl,,14,0",
    })
    void recorded_frames_give_the_trades_that_are_in_them(
            String market, String frames, String instruments, int count, int trades) throws Exception {
        String recorded = System.getProperty("metdc.frames");
        assumeTrue(recorded != null, "-Dmetdc.frames is not set");
        Path binance = Path.of(recorded, "binance");
        metdc.input(Files.readAllBytes(binance.resolve(frames)));

        int exitCode = instruments == null
                ? metdc.run("decode", "binance", market)
                : metdc.run(
                        "decode",
                        "binance",
                        market,
                        "--instruments",
                        binance.resolve(instruments).toString());

        assertThat(exitCode).isZero();
        assertThat(metdc.lines()).hasSize(trades);
        assertThat(metdc.err()).startsWith(count + " frames: " + trades + " trades, ");
    }

    @Test
    void trades_that_do_not_fit_on_the_disk_are_a_failure() throws Exception {
        Invocation metdc =
                new Invocation(folder).input(resource("spot.jsonl")).writingNothing("No space left on device");

        assertThat(metdc.run("decode", "binance", "spot")).isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err()).isEqualTo("metdc: the trades cannot be written: No space left on device\n");
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = DecodeCommandTest.class.getResourceAsStream("/decode/" + name)) {
            return in.readAllBytes();
        }
    }
}
