package io.metdc.collector.cli;

import io.metdc.collector.config.Configuration;
import io.metdc.listings.Listing;
import io.metdc.listings.Sighting;
import io.metdc.listings.Source;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `metdc listing record`.
@Command(
        name = "record",
        description = {
            "Records a listing by hand, with the same result as one that was seen: for what no notice told, and for the"
                    + " past as far as trades are stored.",
            "",
            "Works whether metdc runs or not. Windows that are not over yet are published by metdc run."
        })
final class ListingRecord implements Callable<Integer> {
    private static final Duration LATE = Duration.ofMinutes(10);
    private static final List<String> QUOTES = List.of("KRW", "BTC", "USDT");

    private final Surroundings surroundings;
    private final Program program;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Parameters(paramLabel = "SYMBOL", description = "The coin as Upbit spells it: CRV.")
    private String symbol = "";

    @Option(
            names = "--at",
            paramLabel = "TIME",
            required = true,
            description =
                    "When it was announced: 2026-08-21T11:22:40+09:00, 2026-08-21T02:22:40Z, or milliseconds since"
                            + " the epoch.")
    private String at = "";

    @Option(
            names = "--markets",
            paramLabel = "QUOTES",
            split = ",",
            defaultValue = "KRW",
            description = "The quote assets of its new markets at Upbit. Default: ${DEFAULT-VALUE}.")
    private List<String> markets = List.of("KRW");

    ListingRecord(Surroundings surroundings, Program program) {
        this.surroundings = surroundings;
        this.program = program;
    }

    @Override
    public Integer call() throws Exception {
        String coin = symbol.toUpperCase(Locale.ROOT);
        if (!Listing.isCoin(coin)) {
            throw wrong("'" + ListingCommand.quiet(symbol, 40) + "' is not the name of a coin: 1 to 12 of A-Z and 0-9");
        }
        Instant announced = time(at);
        Instant now = Instant.now();
        if (announced.isAfter(now.plus(Duration.ofDays(1)))) {
            throw wrong("--at " + announced + " is more than a day ahead");
        }
        List<String> quotes = markets.stream()
                .map(quote -> quote.strip().toUpperCase(Locale.ROOT))
                .toList();
        for (String quote : quotes) {
            if (!QUOTES.contains(quote)) {
                throw wrong("--markets names '" + ListingCommand.quiet(quote, 20) + "'; Upbit's are "
                        + String.join(", ", QUOTES));
            }
        }
        Configuration configuration = options.load(surroundings);
        Listing listing = new Listing(
                "hand:" + announced.toEpochMilli(),
                coin,
                quotes,
                "",
                "",
                null,
                announced,
                now,
                announced.plus(LATE).isBefore(now),
                List.of(new Sighting(Source.HAND, null, now)));
        return program.record(configuration, listing, surroundings.terminal());
    }

    private Instant time(String text) {
        try {
            if (text.matches("\\d{12,14}")) {
                return Instant.ofEpochMilli(Long.parseLong(text));
            }
            return OffsetDateTime.parse(text.replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T"))
                    .toInstant();
        } catch (DateTimeException e) {
            throw wrong(
                    "--at '" + ListingCommand.quiet(text, 40)
                            + "' is no time such as 2026-08-21T11:22:40+09:00 (with its offset) or milliseconds since the epoch");
        }
    }

    private CommandLine.ParameterException wrong(String what) {
        return new CommandLine.ParameterException(Objects.requireNonNull(spec).commandLine(), what);
    }
}
