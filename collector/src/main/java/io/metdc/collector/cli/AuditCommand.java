package io.metdc.collector.cli;

import io.metdc.collector.audit.Audit;
import io.metdc.collector.audit.AuditJson;
import io.metdc.collector.audit.AuditRequest;
import io.metdc.collector.audit.AuditResult;
import io.metdc.collector.audit.AuditTable;
import io.metdc.collector.config.Configuration;
import io.metdc.market.Exchange;
import io.metdc.storage.Database;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `metdc audit`.
@Command(
        name = "audit",
        description = {
            "Says what is complete, by which proof, and what is not explained.",
            "",
            "Market by market, as far as its evidence can prove it. Works whether metdc runs or not; changes nothing.",
            "",
            "  metdc audit                                   the last 24 hours",
            "  metdc audit --from 2026-11-19 --to 2026-11-20 both days, UTC",
            "  metdc audit --exchange okx --symbol BTC-USDT --deep",
            "",
            "Exit code 3 when anything is unexplained: a hole open for more than ten minutes, an hour in which received is"
                    + " not stored + duplicate + rejected, a break of connection that is not in the ledger where connections are the"
                    + " evidence, with --deep a number that is nowhere. The same numbers are in"
                    + " the views completeness and completeness_by_market."
        })
final class AuditCommand implements Callable<Integer> {
    private static final Duration USUAL = Duration.ofHours(24);
    private static final Set<String> OLDER_TABLES = Set.of("42883", "42P01", "42703");

    private final Surroundings surroundings;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description =
                    "From then on: 2026-11-19, 2026-11-19T10:00 (UTC) or 2026-11-19T19:00+09:00. Default: 24 hours"
                            + " before --to. Counters are kept by the hour, so that it is the beginning of its hour.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Until then; of a date, until its end. Default: now.")
    private @Nullable String to;

    @Option(
            names = "--exchange",
            paramLabel = "NAME",
            split = ",",
            description = "Only this exchange. May be given several times.")
    private List<String> exchanges = new ArrayList<>();

    @Option(
            names = "--symbol",
            paramLabel = "SYMBOL",
            description = "Only this instrument, as the exchange writes it: BTCUSDT.")
    private @Nullable String symbol;

    @Option(
            names = "--deep",
            description =
                    "Look at the numbers of the stored trades too, where they are the evidence: each must be stored,"
                            + " consumed or in the ledger. Reads all trades of the time: seconds for each hour.")
    private boolean deep;

    @Option(names = "--json", description = "One JSON object in place of the tables.")
    private boolean json;

    @Option(
            names = "--database",
            paramLabel = "URL",
            description = "Audit this database in place of the configured one, such as"
                    + " postgresql://user:password@host/name.")
    private @Nullable String url;

    AuditCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        Audit audit = new Audit(request(Instant.now()));
        List<Configuration.Option> more =
                url == null ? List.of() : List.of(new Configuration.Option("--database", "storage.url=" + url));
        Configuration configuration = options.load(surroundings, more);
        try (Interruption _ = new Interruption(audit::cancel)) {
            return audit(audit, configuration);
        }
    }

    private int audit(Audit audit, Configuration configuration) throws Exception {
        PrintStream err = surroundings.terminal().err();
        try (Database database = Database.visit(configuration.settings().database())) {
            AuditResult result = audit.read(database, this::progress);
            progress("");
            if (symbol != null && result.known() == 0) {
                throw CommandException.usage("no instrument '" + ListingCommand.quiet(symbol, 40)
                        + "' was ever collected" + (exchanges.isEmpty() ? "" : " on " + String.join(", ", exchanges))
                        + ": scripts/metdc query instruments lists them");
            }
            print(result);
            return result.isExplained() ? ExitCode.OK : ExitCode.FOUND;
        } catch (SQLException e) {
            progress("");
            if (audit.isCancelled()) {
                err.println("metdc: cancelled"); // here, while the process still waits for us
                return ExitCode.FAILED;
            }
            throw OLDER_TABLES.contains(String.valueOf(e.getSQLState()))
                    ? CommandException.failed(
                            "the tables of this database are older than this metdc: metdc run brings them forward", e)
                    : CommandException.failed("the database says: " + e.getMessage(), e);
        }
    }

    private void progress(String far) {
        Terminal terminal = surroundings.terminal();
        if (terminal.interactive() && deep) {
            terminal.err().print("\r" + far + "\u001b[K");
            terminal.err().flush();
        }
    }

    private void print(AuditResult result) throws CommandException {
        Terminal terminal = surroundings.terminal();
        if (!json) {
            new AuditTable(result, terminal.out(), terminal.interactive()).print();
            return;
        }
        try {
            AuditJson.write(result, terminal.results());
        } catch (IOException e) {
            if (!Terminal.isUnwanted(e)) {
                throw CommandException.failed("the result cannot be written: " + e.getMessage(), e);
            }
        }
    }

    // ---- what is asked for

    private AuditRequest request(Instant now) {
        Instant end = to == null ? now : time("--to", to, true);
        Instant begin = from == null ? end.minus(USUAL) : time("--from", from, false);
        if (begin.isAfter(now)) {
            throw wrong("--from " + begin + " is still to come");
        }
        if (!begin.isBefore(end)) {
            throw wrong("--from " + begin + " is not before --to " + end);
        }
        Set<String> names = new TreeSet<>();
        for (String name : exchanges) {
            names.add(Exchange.of(name.strip().toLowerCase(Locale.ROOT))
                    .orElseThrow(() -> wrong("--exchange '" + ListingCommand.quiet(name, 40) + "' is none of "
                            + Arrays.stream(Exchange.values()).map(Exchange::id).collect(Collectors.joining(", "))))
                    .id());
        }
        return AuditRequest.of(begin, end, now, names, symbol, deep);
    }

    private Instant time(String option, String text, boolean isEnd) {
        String wanted = text.strip().replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T");
        try {
            if (wanted.matches("\\d{4}-\\d\\d-\\d\\d")) {
                LocalDate day = LocalDate.parse(wanted);
                return (isEnd ? day.plusDays(1) : day)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant();
            }
            return wanted.matches(".*(Z|[+-]\\d\\d:?\\d\\d)")
                    ? OffsetDateTime.parse(wanted).toInstant()
                    : LocalDateTime.parse(wanted).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw wrong(option + " '" + ListingCommand.quiet(text, 40)
                    + "' is no time such as 2026-11-19, 2026-11-19T10:00 (UTC) or 2026-11-19T19:00+09:00");
        }
    }

    private CommandLine.ParameterException wrong(String what) {
        return new CommandLine.ParameterException(Objects.requireNonNull(spec).commandLine(), what);
    }
}
