package io.metdc.collector.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.collector.config.Configuration;
import io.metdc.collector.config.LoggingSettings;
import io.metdc.collector.config.Settings;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.collector.logging.Logging;
import io.metdc.listings.Listing;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

class CommandLineInterfaceTest {
    @TempDir
    Path folder;

    /// Keeps what it was asked to do.
    private static final class Recorder implements Program {
        private final List<Object> asked = new ArrayList<>();
        private Exception failure;
        private FrameRecording recording;

        @Override
        public int run(Configuration configuration, FrameRecording recording, Terminal terminal) throws Exception {
            this.recording = recording;
            return answer(configuration.settings());
        }

        @Override
        public int rehearse(RehearseOptions options, Terminal terminal) throws Exception {
            return answer(options);
        }

        @Override
        public int simulate(SimulateOptions options, Terminal terminal) throws Exception {
            return answer(options);
        }

        @Override
        public int record(Configuration configuration, Listing listing, Terminal terminal) throws Exception {
            return answer(listing);
        }

        private int answer(Object options) throws Exception {
            asked.add(options);
            if (failure != null) {
                throw failure;
            }
            return ExitCode.RESTART;
        }
    }

    private final Recorder program = new Recorder();

    @AfterEach
    void log_as_before() {
        Logging.quietly();
    }

    @Test
    void every_command_and_option_is_explained_in_80_columns() {
        Terminal terminal = Terminal.of(
                InputStream.nullInputStream(), OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
        List<CommandLine> commands = new ArrayList<>();
        collect(
                new CommandLineInterface(new Surroundings(terminal, Map.of(), folder, folder), program)
                        .commandLine(false),
                commands);
        assertThat(commands).hasSizeGreaterThanOrEqualTo(8);
        Invocation metdc = new Invocation(folder).program(program);
        for (CommandLine command : commands) {
            String name = command.getCommandSpec().qualifiedName();
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(name)
                    .isNotEmpty();
            for (ArgSpec argument : command.getCommandSpec().args()) {
                assertThat(argument.description())
                        .as(name + " " + argument.paramLabel())
                        .isNotEmpty();
            }
            if (!name.endsWith(" help")) {
                List<String> arguments = new ArrayList<>(List.of(name.split(" ")));
                arguments.removeFirst();
                arguments.add("--help");
                assertThat(metdc.run(arguments.toArray(String[]::new))).as(name).isZero();
                assertThat(metdc.lines())
                        .as(name)
                        .isNotEmpty()
                        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
                assertThat(metdc.out()).doesNotContain("\u001b", "${", "null");
                assertThat(metdc.err()).isEmpty();
            }
        }
    }

    private static void collect(CommandLine command, List<CommandLine> into) {
        into.add(command);
        command.getSubcommands().values().forEach(sub -> collect(sub, into));
    }

    @Test
    void options_arrive_where_the_work_is_done_and_its_exit_code_is_that_of_the_command() {
        Invocation metdc = new Invocation(folder).program(program);

        String[] everything =
                "rehearse --duration 5s --rate 100 --seed 9 --keep --json --database postgresql://h/d".split(" ");
        assertThat(metdc.run(everything)).isEqualTo(75);
        assertThat(metdc.run("rehearse")).isEqualTo(75);
        assertThat(metdc.run("rehearse", "--listing", "skyn")).isEqualTo(75);
        assertThat(metdc.run("simulate", "--tls", "--config-out", "c.yaml", "--close-after=10m", "--json"))
                .isEqualTo(75);
        assertThat(metdc.run("simulate")).isEqualTo(75);
        assertThat(metdc.run("simulate", "--listing", "SKYN", "--announce-after=20s", "--open-after=1m"))
                .isEqualTo(75);
        String changes = "simulate --instruments 500 --instruments phemex-spot:177 --connects 9000 --connections 50"
                + " --rest-weight 100000 --change-after 30s --add 200 --drop 100 --rename 20";
        assertThat(metdc.run(changes.split(" ", -1))).isEqualTo(75);

        assertThat(program.asked)
                .containsExactly(
                        new RehearseOptions(Duration.ofSeconds(5), null, 100, 9, true, true, "postgresql://h/d"),
                        new RehearseOptions(Duration.ofSeconds(20), null, 5000, 1, false, false, null),
                        new RehearseOptions(Duration.ofSeconds(55), "SKYN", 5000, 1, false, false, null),
                        new SimulateOptions(
                                1000,
                                1,
                                true,
                                folder.resolve("c.yaml"),
                                true,
                                Duration.ofMinutes(10),
                                List.of(),
                                null,
                                SimulateOptions.Scale.DEFAULT,
                                null),
                        new SimulateOptions(
                                1000,
                                1,
                                false,
                                null,
                                false,
                                null,
                                List.of(),
                                null,
                                SimulateOptions.Scale.DEFAULT,
                                null),
                        new SimulateOptions(
                                1000,
                                1,
                                false,
                                null,
                                false,
                                null,
                                List.of(),
                                new SimulateOptions.Listing("SKYN", Duration.ofSeconds(20), Duration.ofMinutes(1)),
                                SimulateOptions.Scale.DEFAULT,
                                null),
                        new SimulateOptions(
                                1000,
                                1,
                                false,
                                null,
                                false,
                                null,
                                List.of(),
                                null,
                                new SimulateOptions.Scale(
                                        500,
                                        Map.of(new Market(Exchange.PHEMEX, MarketType.SPOT), 177),
                                        9000,
                                        50,
                                        100000),
                                new SimulateOptions.Changes(Duration.ofSeconds(30), 200, 100, 20)));
    }

    @Test
    void run_gets_the_settings_with_the_log_level_of_its_own_option() {
        Invocation metdc = new Invocation(folder).program(program);

        assertThat(metdc.run("run", "--set", "logging.level=warn", "--set", "storage.user=joe", "--log-level", "error"))
                .isEqualTo(75);

        assertThat(program.asked).singleElement().isInstanceOfSatisfying(Settings.class, settings -> {
            assertThat(settings.logging().level()).isEqualTo(LoggingSettings.Level.ERROR);
            assertThat(settings.storage().user()).isEqualTo("joe");
        });
        assertThat(folder.resolve("logs/metdc.log")).exists();
    }

    @Test
    void frames_are_recorded_only_when_that_is_asked_for() throws Exception {
        Invocation metdc = new Invocation(folder).program(program);

        assertThat(metdc.run("run")).isEqualTo(75);
        assertThat(program.recording).isNull();

        assertThat(metdc.run("run", "--record-frames", "frames", "--record-limit=2GB"))
                .isEqualTo(75);
        assertThat(program.recording.summary())
                .startsWith("0 frames recorded in 0 files")
                .endsWith(folder.resolve("frames").toString());
        assertThat(folder.resolve("logs/metdc.log")).content().contains("up to 2GB per market");
        assertThat(folder.resolve("frames")).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({
        "run --record-frames file, --record-frames: frames cannot be recorded in",
        "run --record-frames file, name a folder that can be made or written to",
        "probe --record-frames file/below, name a folder that can be made or written to",
        "run --record-frames frames --record-limit much, --record-limit: 'much' is not a size such as 500MB",
        "run --record-frames frames --record-limit 1MB, 100MB or more",
        "run --record-limit 1GB, add --record-frames DIR",
    })
    void a_recording_that_is_not_possible_is_refused_before_anything_starts(String arguments, String message)
            throws Exception {
        Files.writeString(folder.resolve("file"), "a file");
        Invocation metdc = new Invocation(folder).program(program);

        assertThat(metdc.run(arguments.split(" "))).isEqualTo(2);

        assertThat(metdc.err()).contains(message);
        assertThat(program.asked).isEmpty();
    }

    @Test
    void run_without_a_place_for_its_log_says_so_in_a_line() throws Exception {
        Files.writeString(folder.resolve("logs"), "a file");
        Invocation metdc = new Invocation(folder).program(program);

        assertThat(metdc.run("run")).isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err()).startsWith("metdc: cannot write the log file " + folder.resolve("logs/metdc.log"));
        assertThat(metdc.err().lines()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rehearse --duration soon | metdc: Invalid value for option '--duration': 'soon' is not a length of time such as 500ms, 10s, 30m, 24h or 7d",
                "rehearse --duration 25h | metdc: Invalid value for option '--duration': more than 24h",
                "rehearse --rate 0 | metdc: Invalid value for option '--rate': '0' is not between 1 and 1000000",
                "simulate --rate 1000001 | metdc: Invalid value for option '--rate': '1000001' is not between 1 and 1000000",
                "simulate --listing ../x | metdc: '../x' cannot be listed; a coin is called like SKYN, 2Z or W",
                "simulate --listing BTC | metdc: 'BTC' cannot be listed; a coin is called like SKYN, 2Z or W",
                "simulate --announce-after 5s | metdc: --announce-after and --open-after need a coin: --listing SYM",
                "simulate --listing W --open-after 5s | metdc: --open-after counts from the notice: it needs --announce-after",
                "rehearse --rate x | metdc: Invalid value for option '--rate': 'x' is not a whole number",
                "rehearse --seed 99999999999999999999 | metdc: Invalid value for option '--seed': '99999999999999999999' is not a whole number of this size",
                "run --log-level loud | metdc: --log-level: logging.level: 'loud' is none of error, warn, info, debug, trace",
                "run --config nowhere.yaml | metdc: nowhere.yaml: there is no such file",
                "decode | metdc: Missing required parameters: 'EXCHANGE', 'MARKET'",
                "decoed | metdc: there is no command 'decoed'; did you mean metdc decode?",
                "config chek | metdc: there is no command 'chek'; did you mean metdc config check?",
                "config xyzzy | metdc: there is no command 'xyzzy'; metdc config has check, show",
                "run now | metdc: 'now' is more than metdc run takes",
                "rehearse --duratoin=3s | metdc: metdc rehearse has no option --duratoin; did you mean --duration?",
                "rehearse --duratoin 3s | metdc: metdc rehearse has no option --duratoin; did you mean --duration?",
            })
    void a_wrong_use_is_explained_and_ends_with_2(String arguments, String message) {
        Invocation metdc = new Invocation(folder).program(program);

        assertThat(metdc.run(arguments.split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err().lines().findFirst()).contains(message);
        assertThat(metdc.err()).doesNotContain("\tat ");
        assertThat(metdc.out()).isEmpty();
    }

    @Test
    void who_asks_for_nothing_is_shown_what_there_is() {
        Invocation metdc = new Invocation(folder).program(program);

        assertThat(metdc.run()).isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err()).startsWith("Usage: metdc ").contains("rehearse", "simulate");
        assertThat(metdc.err().lines()).as("seen at once").hasSizeLessThan(25);
        assertThat(metdc.run("database")).isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err()).startsWith("Usage: metdc database ").contains("stop");
        assertThat(metdc.out()).isEmpty();
    }

    @Test
    void a_failure_is_one_line_and_with_debug_the_whole_trace() {
        Invocation metdc = new Invocation(folder).program(program);
        program.failure = CommandException.failed("the moon is\nin the way");

        assertThat(metdc.run("rehearse")).isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err()).isEqualTo("metdc: the moon is in the way\n");
        assertThat(metdc.run("rehearse", "--debug")).isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err()).contains("CommandException").contains("\tat ");

        program.failure = new IllegalStateException("a bug");
        assertThat(metdc.run("rehearse")).isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err())
                .isEqualTo("metdc: unexpected: java.lang.IllegalStateException: a bug; --debug shows where\n");
    }

    @Test
    void help_explains_a_command_by_its_name() {
        Invocation metdc = new Invocation(folder).program(program);

        assertThat(metdc.run("help", "config", "show")).isZero();
        assertThat(metdc.out()).startsWith("Usage: metdc config show ");
        assertThat(metdc.run("help")).isZero();
        assertThat(metdc.out()).startsWith("Usage: metdc ");
        assertThat(metdc.run("help", "config", "hide")).isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err()).isEqualTo("metdc: there is no command 'config hide'; metdc config has check, show\n");
    }

    @Test
    void the_version_is_printed() {
        Invocation metdc = new Invocation(folder);

        assertThat(metdc.run("--version")).isZero();
        assertThat(metdc.lines().getFirst()).startsWith("metdc ");
    }

    @Test
    void config_check_says_everything_wrong_at_once() throws Exception {
        Files.writeString(
                folder.resolve("c.yaml"), "storage:\n  retension: 1d\n  password: hunter2\nhttp: {port: x}\n");
        Invocation metdc = new Invocation(folder);

        assertThat(metdc.run("config", "check", "--config", "c.yaml")).isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err()).isEqualTo("""
                metdc: c.yaml:2: there is no setting storage.retension; did you mean storage.retention?
                metdc: c.yaml:4: http.port: 'x' is not a whole number
                """);
    }

    @Test
    void config_check_lists_what_has_no_effect_yet_and_what_will_be_collected() throws Exception {
        Files.writeString(
                folder.resolve("c.yaml"),
                "upbit: {business_url: 'wss://h/p'}\nexchanges: {binance: {futures: {enabled: false}}, bybit: {enabled: false}, okx: {enabled: false},"
                        + " kucoin: {enabled: false}, gate: {enabled: false}, phemex: {enabled: false}}\n");
        Invocation metdc = new Invocation(folder);

        assertThat(metdc.run("config", "check", "--config", "c.yaml", "--set", "storage.password=hunter2"))
                .isZero();
        assertThat(metdc.lines())
                .containsExactly(
                        folder.resolve("c.yaml") + ": in order",
                        "warning: --set: storage.password is visible in the list of processes; storage.password_file or the"
                                + " environment variable METDC_STORAGE_PASSWORD keeps it to yourself",
                        "set, but without effect in this version:",
                        "  upbit.business_url (c.yaml:1)",
                        "collected: binance-spot, upbit-spot");
    }

    @Test
    void config_show_prints_every_setting_with_its_origin_and_no_secret() throws Exception {
        Files.writeString(folder.resolve("c.yaml"), "storage:\n  url: postgresql://joe:hunter2@h/d\n  retention: 9d\n");
        Invocation metdc = new Invocation(folder).variable("METDC_STORAGE_PASSWORD", "hunter2");

        assertThat(metdc.run("config", "show", "--config", "c.yaml", "--set", "storage.max_disk=5GB"))
                .isZero();

        assertThat(metdc.out() + metdc.err()).doesNotContain("hunter2");
        assertThat(metdc.lines())
                .contains(
                        "storage.retention: 9d                                   # c.yaml:3",
                        "storage.password: ***                                   # METDC_STORAGE_PASSWORD",
                        "storage.max_disk: 5GB                                   # --set",
                        "storage.url: jdbc:postgresql://h/d                      # c.yaml:2",
                        "upbit.business_url:                                     # default, no effect yet");
        assertThat(metdc.lines().stream().filter(line -> !line.isEmpty())).hasSizeGreaterThan(100);
    }

    @Test
    void config_show_fits_into_80_columns() {
        Invocation metdc = new Invocation(folder);

        assertThat(metdc.run("config", "show", "--set", "exchanges.binance.futures.max_symbols_per_connection=100"))
                .isZero();

        assertThat(metdc.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(metdc.out())
                .contains("exchanges.binance.futures.websocket_url: wss://fstream.binance.com/public/stream\n"
                        + " ".repeat(56) + "# default\n");
    }
}
