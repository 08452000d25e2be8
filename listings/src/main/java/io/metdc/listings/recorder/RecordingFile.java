package io.metdc.listings.recorder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.listings.Contract;
import io.metdc.listings.Listing;
import io.metdc.listings.ListingJson;
import io.metdc.listings.Source;
import io.metdc.symbols.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far a recording is, as it survives the process.
///
/// @param kind         what its notice is about by now: `listing`, `postponed`, `cancelled`
/// @param opensAt      when trading opens; null while nobody knows
/// @param marketSeenAt when its KRW market was first seen; null while it was not
/// @param contracts    where the coin lives; none while nobody says
/// @param published    the last stage that was published; null before the first
/// @param isOver       whether no stage is left
/// @param isBehind     whether more is known than archive and tables say
/// @param isTold       whether everybody who is to be alerted was, or need not be
record RecordingFile(
        Listing listing,
        String kind,
        @Nullable Instant opensAt,
        @Nullable Instant marketSeenAt,
        List<Contract> contracts,
        @Nullable Stage published,
        boolean isOver,
        boolean isBehind,
        boolean isTold) {

    RecordingFile {
        contracts = List.copyOf(contracts);
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VERSION = 1;

    static RecordingFile of(Listing listing) {
        boolean byHand = listing.sightings().getFirst().source() == Source.HAND;
        return new RecordingFile(listing, "listing", null, null, List.of(), null, false, false, byHand);
    }

    /// A KRW market that shows is an opening where nobody told one.
    RecordingFile seen(Listing seen, @Nullable Instant marketAt) {
        RecordingFile now =
                new RecordingFile(seen, kind, opensAt, marketAt, contracts, published, isOver, isBehind, isTold);
        return opensAt == null && seen.isKrw() ? now.opening(marketAt, kind) : now;
    }

    /// Whether no better is known of the opening than that the market showed.
    boolean lacksOpening() {
        return opensAt == null || opensAt.equals(marketSeenAt);
    }

    /// An opening that moves makes what was published around the old one incomplete. Before the new one is known, the
    /// old one stands.
    RecordingFile opening(@Nullable Instant told, String newKind) {
        Instant at = told == null ? opensAt : told;
        boolean redo = published != null && published.compareTo(Stage.WIDE) > 0 && at != null && !at.equals(opensAt);
        return new RecordingFile(
                listing,
                newKind,
                at,
                marketSeenAt,
                contracts,
                redo ? Stage.WIDE : published,
                isOver && !redo,
                isBehind,
                isTold);
    }

    RecordingFile published(Stage stage) {
        return new RecordingFile(
                listing, kind, opensAt, marketSeenAt, contracts, stage, stage == Stage.FINAL, isBehind, isTold);
    }

    RecordingFile behind(boolean is) {
        return new RecordingFile(listing, kind, opensAt, marketSeenAt, contracts, published, isOver, is, isTold);
    }

    RecordingFile told() {
        return new RecordingFile(listing, kind, opensAt, marketSeenAt, contracts, published, isOver, isBehind, true);
    }

    RecordingFile corrected(List<String> markets) {
        return seen(listing.on(markets), marketSeenAt);
    }

    RecordingFile lives(List<Contract> told) {
        return new RecordingFile(listing, kind, opensAt, marketSeenAt, told, published, isOver, isBehind, isTold);
    }

    void write(Path folder) throws IOException {
        ObjectNode root = JSON.createObjectNode().put("version", VERSION);
        root.set("listing", ListingJson.of(listing));
        root.put("kind", kind)
                .put("opens_at", text(opensAt))
                .put("market_seen_at", text(marketSeenAt))
                .put("published", published == null ? null : published.id())
                .put("over", isOver)
                .put("behind", isBehind)
                .put("told", isTold);
        root.set("contracts", ListingJson.contracts(contracts));
        AtomicFile.write(
                folder.resolve(listing.id() + ".json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
    }

    /// Reads one.
    ///
    /// @throws IOException names the file and what is wrong with it
    static RecordingFile read(Path file) throws IOException {
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            int version = root.path("version").asInt();
            if (version != VERSION) {
                throw new IOException("it is of version " + version + ", and this metdc knows " + VERSION);
            }
            Listing listing = ListingJson.read(root.path("listing"));
            return new RecordingFile(
                    listing,
                    root.path("kind").asText(),
                    instant(root.path("opens_at")),
                    instant(root.path("market_seen_at")),
                    ListingJson.contracts(root.path("contracts"), listing.coin()),
                    root.path("published").isTextual()
                            ? Stage.of(root.path("published").asText())
                            : null,
                    root.path("over").asBoolean(),
                    root.path("behind").asBoolean(), // older files have none
                    root.path("told").asBoolean());
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw new IOException(file + " cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private static @Nullable Instant instant(JsonNode value) {
        return value.isTextual() ? Instant.parse(value.asText()) : null;
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
