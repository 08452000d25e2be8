package io.metdc.collector.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.collector.config.Configuration;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `metdc listing`: what was recorded of listings. Reads the archives, so that neither the service nor the database has
/// to be there.
@Command(
        name = "listing",
        description = {
            "Lists, shows, exports and records listings of Upbit.",
            "",
            "A listing is the trades of a coin on all markets around its announcement for Upbit's KRW market.",
            "",
            "  metdc listing list                            all of them",
            "  metdc listing show CRV_20260821_022240        one of them: who saw it when, what was recorded where",
            "  metdc listing export CRV_20260821_022240      its trades, as CSV",
            "  metdc listing record CRV --at 2026-08-21T11:22:40+09:00",
            "                                                records one by hand, also of the past"
        })
final class ListingCommand {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final Pattern ID = Pattern.compile("[A-Z0-9]{1,12}_\\d{8}_\\d{6}");

    private ListingCommand() {}

    static CommandLine commandLine(Surroundings surroundings, Program program) {
        return new CommandLine(new ListingCommand())
                .addSubcommand(new ListAll(surroundings))
                .addSubcommand(new Show(surroundings))
                .addSubcommand(new ListingExport(surroundings))
                .addSubcommand(new ListingRecord(surroundings, program));
    }

    static Path archives(Configuration configuration) {
        return configuration.settings().dataDirectory().resolve("listings");
    }

    /// What an archive says of itself.
    ///
    /// @throws CommandException names the archives that there are, when this is none of them
    static JsonNode metadata(Path archives, String id) throws CommandException {
        return read(archives, id, "metadata.json");
    }

    static JsonNode read(Path archives, String id, String file) throws CommandException {
        if (!ID.matcher(id).matches() || !Files.isDirectory(archives.resolve(id))) {
            List<String> known = ids(archives);
            throw CommandException.usage("there is no listing '" + id.replaceAll("\\p{Cntrl}", " ") + "'"
                    + (known.isEmpty()
                            ? ": none is recorded in " + archives
                            : "; there " + (known.size() == 1 ? "is " : "are ")
                                    + String.join(", ", known.subList(0, Math.min(known.size(), 10)))
                                    + (known.size() > 10 ? ", …" : "")));
        }
        Path path = archives.resolve(id).resolve(file);
        try {
            return JSON.readTree(Files.readAllBytes(path));
        } catch (IOException e) {
            throw CommandException.failed(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// Newest first.
    static List<String> ids(Path archives) throws CommandException {
        List<String> ids = new ArrayList<>();
        if (!Files.isDirectory(archives)) {
            return ids;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(archives, Files::isDirectory)) {
            for (Path folder : folders) {
                String name = String.valueOf(folder.getFileName());
                if (ID.matcher(name).matches()) {
                    ids.add(name);
                }
            }
        } catch (IOException e) {
            throw CommandException.failed(archives + " cannot be listed: " + e.getMessage(), e);
        }
        ids.sort(Comparator.comparing((String id) -> id.substring(id.indexOf('_')))
                .reversed());
        return ids;
    }

    /// What comes from outside, for a terminal: without control characters, and not too long.
    static String quiet(String text, int most) {
        String oneLine = text.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]+", " ");
        return oneLine.codePointCount(0, oneLine.length()) <= most
                ? oneLine
                : oneLine.substring(0, oneLine.offsetByCodePoints(0, most - 1)) + "…";
    }

    /// From one instant to another, for a person: `+1.9 s`.
    static String after(JsonNode from, JsonNode to) {
        if (!from.isTextual() || !to.isTextual()) {
            return "-";
        }
        double seconds = Duration.between(Instant.parse(from.asText()), Instant.parse(to.asText()))
                        .toMillis()
                / 1000.0;
        return String.format(Locale.ROOT, Math.abs(seconds) < 100 ? "%+.1f s" : "%+.0f s", seconds);
    }

    @Command(name = "list", description = "All recorded listings, newest first.")
    private static final class ListAll implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Option(names = "--json", description = "An array of objects in place of a table.")
        private boolean json;

        ListAll(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() throws Exception {
            Path archives = archives(options.load(surroundings));
            ArrayNode all = JSON.createArrayNode();
            for (String id : ids(archives)) {
                all.add(metadata(archives, id));
            }
            PrintStream out = surroundings.terminal().out();
            if (json) {
                out.println(JSON.writeValueAsString(all));
                return ExitCode.OK;
            }
            if (all.isEmpty()) {
                surroundings.terminal().err().println("no listing is recorded in " + archives + " yet");
                return ExitCode.OK;
            }
            out.printf("%-30s %-20s %10s %-6s %-9s %s%n", "id", "announced (UTC, ±1 s)", "seen", "stage", "", "title");
            for (JsonNode listing : all) {
                out.printf(
                        "%-30s %-21s %10s %-6s %-9s %s%n",
                        listing.path("id").asText(),
                        listing.path("announced_at").asText().replace('T', ' ').replace("Z", ""),
                        after(listing.path("announced_at"), listing.path("detected_at")),
                        listing.path("stage").asText(),
                        listing.path("complete").asBoolean() ? "complete" : "has holes",
                        (listing.path("late").asBoolean() ? "(late) " : "")
                                + quiet(listing.path("title").asText(), 60));
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "show",
            description = "One recorded listing: who saw it when, and what was recorded on each market.")
    private static final class Show implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Parameters(paramLabel = "ID", description = "As metdc listing list has it.")
        private String id = "";

        @Option(names = "--json", description = "The metadata and the coverage as one JSON object.")
        private boolean json;

        Show(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() throws Exception {
            Path archives = archives(options.load(surroundings));
            JsonNode metadata = metadata(archives, id);
            JsonNode coverage = read(archives, id, "coverage.json");
            PrintStream out = surroundings.terminal().out();
            if (json) {
                ObjectNode both = JSON.createObjectNode();
                both.set("metadata", metadata);
                both.set("coverage", coverage);
                out.println(JSON.writeValueAsString(both));
                return ExitCode.OK;
            }
            CoverageTable.print(metadata, coverage, out);
            out.println();
            out.println("in " + archives.resolve(id));
            return ExitCode.OK;
        }
    }
}
