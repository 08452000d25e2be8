package io.metdc.listings.recorder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdOutputStream;
import io.metdc.listings.Listing;
import io.metdc.listings.ListingJson;
import io.metdc.listings.Sighting;
import io.metdc.listings.recorder.ArchiveFolder.Written;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;

/// The archives of listings: a folder for each, `CRV_20260821_022240`, written anew from the database at every stage.
///
/// ```
/// metadata.json              what was announced, who saw it when, how far the archive is, its files with checksums
/// coverage.json              what was recorded on which market, and what was not
/// raw/<exchange>/spot.json   the core window, one file for each market, [] where there is nothing
/// raw/<exchange>/futures.json
/// trades.csv.zst             all markets and windows
/// ```
///
/// All files of a stage show one snapshot of the database. Different listings may be published at the same time, each
/// by one thread.
public final class Archive {
    private static final Pattern NAME = Pattern.compile("([A-Z0-9]{1,12}_\\d{8}_\\d{6})\\.(new|old)");
    private static final int FORMAT = 1;
    private static final int COMPRESSION = 6;

    private final Path folder;
    private final InstantSource clock;
    private final ObjectMapper mapper = new ObjectMapper();

    /// @param folder `data/listings`
    public Archive(Path folder, InstantSource clock) {
        this.folder = folder.toAbsolutePath().normalize();
        this.clock = clock;
    }

    /// What was published.
    ///
    /// @param folder where
    public record Published(Path folder, Coverage coverage) {}

    /// Puts right what a crash left behind. To be called before anything is published.
    public void repair() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<String> names;
        try (Stream<Path> entries = Files.list(folder)) {
            names = entries.map(entry -> NAME.matcher(entry.getFileName().toString()))
                    .filter(matcher -> matcher.matches())
                    .map(matcher -> matcher.group(1))
                    .distinct()
                    .toList();
        }
        for (String name : names) {
            new ArchiveFolder(folder, name).repair();
        }
    }

    /// Where the archive of a listing is, or will be.
    public Path folder(Listing listing) {
        return new ArchiveFolder(folder, listing.id()).path();
    }

    /// Writes a stage's archive and puts it in the place of the last one.
    ///
    /// @param source where trades and the ledger are read, in one transaction
    /// @param venues all markets, as [Venues] gives them; where the coin was found at an earlier stage is added
    /// @throws SQLException when the database does not answer; the last archive stands
    /// @throws IOException  when it cannot be written; the last archive stands
    public Published publish(DataSource source, Event event, Stage stage, List<Venue> venues)
            throws SQLException, IOException {
        return write(source, event, stage, venues, true);
    }

    /// Does all that publishing takes, and gives the result up: the first archive of a process takes seconds longer
    /// than the next one, and nobody should wait for that once a window is over.
    public void rehearse(DataSource source, Event event, Stage stage, List<Venue> venues)
            throws SQLException, IOException {
        write(source, event, stage, venues, false);
    }

    private Published write(DataSource source, Event event, Stage stage, List<Venue> venues, boolean isReal)
            throws SQLException, IOException {
        Files.createDirectories(folder);
        ArchiveFolder archive = new ArchiveFolder(folder, event.listing().id());
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try {
                return write(connection, archive, event, stage, venues, isReal);
            } catch (SQLException | IOException | RuntimeException e) {
                discard(archive, e); // what is half written must not take the room that the next try needs
                throw e;
            } finally {
                connection.rollback();
            }
        }
    }

    private static void discard(ArchiveFolder archive, Exception why) {
        try {
            archive.discard();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private Published write(
            Connection connection, ArchiveFolder archive, Event event, Stage stage, List<Venue> now, boolean isReal)
            throws SQLException, IOException {
        List<Window> windows = event.archived(stage);
        List<Venue> venues = Venues.together(now, ListingTables.found(connection, event.listing()));
        List<Facts> facts = new ArrayList<>();
        for (Venue venue : venues) {
            facts.add(Facts.read(connection, event, windows, venue));
        }
        Coverage coverage = Coverage.of(event, stage, facts);
        Tape tape = new Tape(connection);
        archive.begin();
        ArrayNode files = JsonNodeFactory.instance.arrayNode();
        for (Market market : rawMarkets(event, venues)) {
            List<Integer> ids = ids(
                    tape,
                    venues.stream()
                            .filter(venue -> venue.market().equals(market))
                            .toList());
            long[] rows = new long[1];
            String name = "raw/" + market.exchange().id() + "/" + market.type().id() + ".json";
            files.add(file(archive.write(name, out -> rows[0] = raw(tape, ids, event, out)), rows[0]));
        }
        long[] rows = new long[1];
        Written trades = archive.write("trades.csv.zst", out -> {
            try (OutputStream compressed = new ZstdOutputStream(out, COMPRESSION)) {
                rows[0] = Export.csv(tape, venues, windows, compressed);
            }
        });
        files.add(file(trades, rows[0]));
        files.add(file(
                archive.write("coverage.json", json(CoverageJson.of(event, coverage))),
                coverage.venues().size()));
        ObjectNode metadata = metadata(event, coverage);
        metadata.set("files", files);
        archive.write("metadata.json", json(metadata));
        if (isReal) {
            archive.publish();
        } else {
            archive.discard();
        }
        return new Published(archive.path(), coverage);
    }

    private static SortedSet<Market> rawMarkets(Event event, List<Venue> venues) {
        SortedSet<Market> markets = new TreeSet<>();
        for (Venue venue : venues) {
            if (!venue.isHome() || event.listing().isKrw()) {
                markets.add(venue.market());
            }
        }
        return markets;
    }

    static List<Integer> ids(Tape tape, List<Venue> venues) throws SQLException {
        List<Integer> ids = new ArrayList<>();
        for (Venue venue : venues) {
            Instrument instrument = venue.instrument();
            int id = instrument == null ? -1 : tape.id(instrument);
            if (id >= 0) {
                ids.add(id);
            }
        }
        return ids;
    }

    private static long raw(Tape tape, List<Integer> ids, Event event, OutputStream out)
            throws IOException, SQLException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.setPrettyPrinter(new Rows.ObjectALine());
            json.writeStartArray();
            long rows = ids.isEmpty()
                    ? 0
                    : tape.read(ids, List.of(event.core()), row -> Rows.raw(json, row, event.announcedAt()));
            json.writeEndArray();
            json.writeRaw('\n');
            return rows;
        }
    }

    private ArchiveFolder.Content json(ObjectNode json) {
        return out -> {
            try (Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
                writer.write(mapper.writerWithDefaultPrettyPrinter().writeValueAsString(json));
                writer.write('\n');
            }
        };
    }

    private static ObjectNode file(Written file, long rows) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("name", file.name())
                .put("rows", rows)
                .put("bytes", file.bytes())
                .put("sha256", file.sha256());
    }

    private ObjectNode metadata(Event event, Coverage coverage) {
        Listing listing = event.listing();
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("symbol", listing.coin())
                .put("title", listing.title());
        ArrayNode markets = json.putArray("markets");
        listing.markets().forEach(markets::add);
        json.put("announced_at", listing.announcedAt().toString())
                .put("detected_at", listing.seenAt().toString())
                .put("notice_url", listing.url() == null ? null : listing.url().toString())
                .put("trigger_time", listing.announcedAt().toString())
                .put("is_krw_listing", listing.isKrw())
                .put("stored_at", clock.instant().toString())
                .put("id", listing.id())
                .put("stage", coverage.stage().id())
                .put("complete", coverage.complete())
                .put("open_holes", coverage.openHoles())
                .put("notice", listing.notice())
                .put("category", listing.category())
                .put("kind", event.kind())
                .put("late", listing.late())
                .put("precision", "±1 s")
                .put("fired_at", listing.firedAt().toString())
                .put("fired_after_ms", event.delay().toMillis())
                .put("opens_at", CoverageJson.text(event.opensAt()))
                .put("market_seen_at", CoverageJson.text(event.marketSeenAt()))
                .put("first_krw_at", CoverageJson.text(coverage.firstWon()));
        json.set("contracts", ListingJson.contracts(event.contracts()));
        ArrayNode seen = json.putArray("seen");
        for (Sighting sighting : listing.sightings()) {
            seen.addObject()
                    .put("source", sighting.source().id())
                    .put("t_not_yet", CoverageJson.text(sighting.notYetAt()))
                    .put("t_seen", sighting.seenAt().toString());
        }
        ObjectNode windows = json.putObject("windows");
        for (Stage stage : Stage.values()) {
            if (stage != Stage.FINAL) {
                windows.set(stage.id(), CoverageJson.window(event.window(stage)));
            }
        }
        windows.set("archived", CoverageJson.windows(coverage.windows()));
        windows.set("kept", CoverageJson.window(event.windows().kept(listing.announcedAt(), event.opensAt())));
        json.set("version", CoverageJson.version(event).put("archive", FORMAT));
        return json;
    }
}
