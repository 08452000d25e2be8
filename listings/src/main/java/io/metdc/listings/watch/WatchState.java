package io.metdc.listings.watch;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.listings.Listing;
import io.metdc.listings.ListingJson;
import io.metdc.listings.Sighting;
import io.metdc.symbols.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the watch knows, and the file in which it survives the process. The watch's, under its lock.
///
/// The file is written as a whole, forced to disk and renamed into place: a crash leaves the one before it or the new
/// one. `{"version":1,"cold_start_at":…,"last_good_at":…,"notices":[…],"listings":[…],"krw":{"BTC":"<last seen>"}}`; a
/// listing of which its notice says no more that it comes has `"cancelled":true`; `"unexplained":{"AAA":[<sighting>]}`.
final class WatchState {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VERSION = 1;
    private static final int MOST_NOTICES = 5_000;
    private static final int MOST_LISTINGS = 1_000;
    private static final int MOST_BLIND = 200;

    /// When nothing was known yet: what is much older than this never fires.
    Instant coldStartAt = Instant.MAX;

    /// When a source last gave a good answer, to about a minute; [Instant#MIN] before the first.
    Instant lastGoodAt = Instant.MIN;

    /// By every name that they have.
    final Map<String, KnownNotice> notices = new LinkedHashMap<>();

    /// What has fired, oldest first.
    final List<Listing> listings = new ArrayList<>();

    /// The ids of those that were cancelled since.
    final Set<String> cancelled = new HashSet<>();

    /// When each coin was last on the list of KRW markets.
    final Map<String, Instant> krw = new LinkedHashMap<>();

    /// KRW markets that wait for their notice, by coin.
    final Map<String, Sighting> unexplained = new LinkedHashMap<>();

    /// The stretches without a good answer.
    final List<Blind> blind = new ArrayList<>();

    /// A stretch in which no source of notices gave a good answer.
    record Blind(Instant from, Instant to) {}

    private final Path file;

    private WatchState(Path file) {
        this.file = file;
    }

    /// What is in the file; nothing when there is none.
    ///
    /// @throws IOException names the file and why, when there is one and it cannot be used
    static WatchState read(Path file) throws IOException {
        WatchState state = new WatchState(file);
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            int version = root.path("version").asInt();
            if (version > VERSION) {
                throw new IOException(file + " was written by a newer metdc: it is of version " + version
                        + ", and this one knows " + VERSION);
            }
            if (version != VERSION) {
                throw new IOException(file + " is damaged: it has no version");
            }
            state.fill(root);
            return state;
        } catch (NoSuchFileException _) {
            return state;
        } catch (JacksonException e) {
            throw new IOException(file + " is damaged: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    boolean isEmpty() {
        return coldStartAt.equals(Instant.MAX);
    }

    Optional<KnownNotice> notice(Notice notice) {
        KnownNotice known = notice.uuid().isEmpty() ? null : notices.get("uuid:" + notice.uuid());
        if (known == null && !notice.id().isEmpty()) {
            known = notices.get("id:" + notice.id());
            if (known == null) { // for old notices the uuid is the id
                known = notices.get("uuid:" + notice.id());
            } else if (!known.uuid.isEmpty() && !notice.uuid().isEmpty()) { // the uuid is the key, and it is another
                known = null;
            }
        }
        return Optional.ofNullable(known);
    }

    void put(KnownNotice notice) {
        if (!notice.uuid.isEmpty()) {
            notices.put("uuid:" + notice.uuid, notice);
        }
        if (!notice.id.isEmpty()) {
            notices.put("id:" + notice.id, notice);
        }
    }

    /// Replaces the file, forced to disk.
    void write() throws IOException {
        prune();
        AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree()));
    }

    private void prune() {
        List<KnownNotice> distinct = distinct();
        if (distinct.size() > MOST_NOTICES) {
            distinct.sort(Comparator.comparing((KnownNotice notice) -> notice.firstListedAt));
            List<KnownNotice> gone = distinct.subList(0, distinct.size() - MOST_NOTICES);
            notices.values().removeAll(gone);
        }
        trim(listings, MOST_LISTINGS);
        trim(blind, MOST_BLIND);
        cancelled.retainAll(listings.stream().map(Listing::id).toList());
    }

    private static void trim(List<?> list, int most) {
        if (list.size() > most) {
            list.subList(0, list.size() - most).clear();
        }
    }

    private List<KnownNotice> distinct() {
        return new ArrayList<>(notices.values().stream().distinct().toList());
    }

    // ---- the file

    private ObjectNode tree() {
        ObjectNode root = JSON.createObjectNode().put("version", VERSION);
        root.put("cold_start_at", text(coldStartAt.equals(Instant.MAX) ? null : coldStartAt));
        root.put("last_good_at", text(lastGoodAt.equals(Instant.MIN) ? null : lastGoodAt));
        ArrayNode rows = root.putArray("notices");
        for (KnownNotice notice : distinct()) {
            ObjectNode row = rows.addObject()
                    .put("uuid", notice.uuid)
                    .put("id", notice.id)
                    .put("title", notice.title)
                    .put("first_listed_at", text(notice.firstListedAt))
                    .put("listed_at", text(notice.listedAt));
            row.set("seen", ListingJson.sightings(notice.sightings));
        }
        ArrayNode fired = root.putArray("listings");
        for (Listing listing : listings) {
            ObjectNode row = ListingJson.of(listing);
            if (cancelled.contains(listing.id())) {
                row.put("cancelled", true);
            }
            fired.add(row);
        }
        ObjectNode coins = root.putObject("krw");
        krw.forEach((coin, at) -> coins.put(coin, text(at)));
        ObjectNode waiting = root.putObject("unexplained");
        unexplained.forEach((coin, sighting) -> waiting.set(coin, ListingJson.sightings(List.of(sighting))));
        ArrayNode stretches = root.putArray("blind");
        blind.forEach(stretch ->
                stretches.addObject().put("from", text(stretch.from())).put("to", text(stretch.to())));
        return root;
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    private void fill(JsonNode root) {
        coldStartAt = root.path("cold_start_at").isTextual() ? instant(root, "cold_start_at") : Instant.MAX;
        lastGoodAt = root.path("last_good_at").isTextual() ? instant(root, "last_good_at") : Instant.MIN;
        for (JsonNode row : root.path("notices")) {
            KnownNotice notice = new KnownNotice(
                    row.path("uuid").asText(),
                    row.path("id").asText(),
                    row.path("title").asText(),
                    instant(row, "first_listed_at"),
                    instant(row, "listed_at"));
            notice.sightings.addAll(ListingJson.sightings(row.path("seen")));
            put(notice);
        }
        for (JsonNode row : root.path("listings")) {
            Listing listing = ListingJson.read(row);
            listings.add(listing);
            if (row.path("cancelled").asBoolean()) {
                cancelled.add(listing.id());
            }
        }
        root.path("krw")
                .properties()
                .forEach(coin ->
                        krw.put(coin.getKey(), Instant.parse(coin.getValue().asText())));
        root.path("unexplained")
                .properties()
                .forEach(coin -> ListingJson.sightings(coin.getValue())
                        .forEach(sighting -> unexplained.put(coin.getKey(), sighting)));
        for (JsonNode row : root.path("blind")) {
            blind.add(new Blind(instant(row, "from"), instant(row, "to")));
        }
    }

    private static Instant instant(JsonNode row, String field) {
        return Instant.parse(row.path(field).asText());
    }

    /// How long a coin that left the list of KRW markets is remembered.
    void forgetMarketsUnseenFor(Duration time, Instant now) {
        krw.values().removeIf(seen -> seen.plus(time).isBefore(now));
    }
}
