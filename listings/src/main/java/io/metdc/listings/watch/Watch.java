package io.metdc.listings.watch;

import io.metdc.connectors.ClockOffset;
import io.metdc.listings.Listing;
import io.metdc.listings.Sighting;
import io.metdc.market.Nanos;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides which announcements fire: every answer of every source passes here, one at a time, whatever thread brings
/// it. A coin of a notice fires once, whoever tells of it first, however often the notice is amended or issued again.
///
/// | first seen | fires |
/// |---|---|
/// | while running, or after a start with what the run before it knew, at most ten minutes old | yes |
/// | the same, older, but its trades are still stored | yes, marked late |
/// | older still | never |
/// | at a cold start, at most half an hour old | yes, marked late |
/// | older at a cold start, wherever it turns up | never |
/// | a KRW market that the next answer of a source of notices does not explain, over a restart too | yes |
/// | its notice, when it turns up and was published well before that market was seen | yes |
///
/// What is known is forced to disk before anything fires; the listener hears of it after that, outside of the lock,
/// on the thread that brought the answer.
public final class Watch {
    private static final Logger log = LoggerFactory.getLogger(Watch.class);

    /// By so much our clock may surely be wrong before it is said.
    private static final Duration TOLERATED = Duration.ofSeconds(1);

    /// So old an announcement may be when it is first seen.
    static final Duration NEW = Duration.ofMinutes(10);

    /// So old it may be when nothing is known of the time before.
    static final Duration NEW_TO_US = Duration.ofMinutes(30);

    /// So long no good answer from any source of notices, and the watch is blind.
    static final Duration BLIND = Duration.ofSeconds(60);

    /// A coin and market that fired fires for no other notice for so long: a notice can be issued again.
    static final Duration ISSUED_AGAIN = Duration.ofDays(30);

    /// More new KRW markets than this in one answer mean that the answer before was not the whole list.
    private static final int MOST_AT_ONCE = 10;

    /// So long a new KRW market waits for its notice.
    static final Duration EXPLAINED = Duration.ofSeconds(10);

    /// A notice from no longer than this before its market was seen is the same event.
    private static final Duration SAME = Duration.ofMinutes(1);

    private static final Duration NOTE_GOOD = Duration.ofMinutes(1);
    private static final String KRW = "KRW";

    /// Hears what was decided, in order. It must not block: the next answer waits for it.
    public interface Listener {
        /// A coin's listing; it never fires again.
        void fired(Listing listing);

        /// A listing that has fired was seen by another source, too.
        void seenAgain(Listing listing);

        /// The title of a notice changed whose listings have fired.
        ///
        /// @param listings those of them that the title still announces, as they fired
        void amended(Notice notice, NoticeTitle title, List<Listing> listings);

        /// The body of a notice names other markets than its title did.
        ///
        /// @param was as it fired
        /// @param is  the same listing, as it stands from now on
        void corrected(Listing was, Listing is);

        /// A title that has a word of a listing and fits no rule: a person must look.
        void unclear(Notice notice);

        /// No source of notices has given a good answer for a minute.
        ///
        /// @param since the last good answer, or the start
        void blind(Instant since);

        /// A source gives good answers again.
        void sighted(Instant since, Instant until);
    }

    /// What may fire.
    ///
    /// @param additions whether coins fire whose notice names no KRW market
    /// @param notices   whether any source of notices is watched
    /// @param kept      how far back trades are stored
    public record Rules(boolean additions, boolean notices, Duration kept) {}

    private final Rules rules;
    private final Listener listener;
    private final InstantSource clock;
    private final WatchState state;
    private final ClockOffset clocks;
    private boolean isClockWrong;
    private final Map<String, Instant> lastAsked = new HashMap<>(); // by source and host; these under the lock
    private final Queue<Runnable> toTell = new ConcurrentLinkedQueue<>();
    private final Object telling = new Object();
    private boolean pageSeen; // in this run or the one before it
    private final Instant startedAt;
    private Instant lastGood;
    private Instant lastNoted = Instant.MIN;
    private boolean isBlind;

    /// Goes on where the run before it ended.
    ///
    /// @param file where what is known is kept
    /// @throws IOException names the file and why, when it is there and cannot be used
    public Watch(Path file, Rules rules, Listener listener, InstantSource clock) throws IOException {
        this.rules = rules;
        this.listener = listener;
        this.clock = clock;
        clocks = new ClockOffset(clock, () -> Nanos.of(clock.instant())); // who tells of an answer tells it later
        state = WatchState.read(file);
        pageSeen = !state.isEmpty();
        startedAt = clock.instant();
        lastGood = startedAt;
    }

    /// When a source last gave a good answer in the run before this one, to about a minute; empty at a cold start.
    /// What was published since must be asked for.
    public synchronized Optional<Instant> knownUntil() {
        return state.lastGoodAt.equals(Instant.MIN) ? Optional.empty() : Optional.of(state.lastGoodAt);
    }

    /// What has fired, oldest first, of the runs before this one too.
    public synchronized List<Listing> listings() {
        return List.copyOf(state.listings);
    }

    /// What has fired of a notice, by whatever name it fired.
    public synchronized List<Listing> listings(Notice notice) {
        KnownNotice known = state.notice(notice).orElse(null);
        if (known == null) {
            return List.of();
        }
        return state.listings.stream()
                .filter(listing ->
                        listing.notice().equals(known.uuid) || listing.notice().equals(known.id))
                .toList();
    }

    /// How far the sources' clocks are ahead of ours; empty before enough answers.
    public synchronized Optional<Duration> clockAhead() {
        return clocks.estimate().map(ClockOffset.Estimate::ahead);
    }

    /// Takes what a source said, decides, and tells the listener.
    public void answered(Answer answer) {
        synchronized (this) {
            take(answer);
        }
        tell();
    }

    /// In order, whatever threads bring the news; a listener that fails misses this one alone.
    private void tell() {
        synchronized (telling) {
            for (Runnable news = toTell.poll(); news != null; news = toTell.poll()) {
                try {
                    news.run();
                } catch (RuntimeException e) {
                    log.error("what was decided about a notice was not taken", e);
                }
            }
        }
    }

    /// Takes the markets of a listing that the body of its notice names. It stays the one that fired; but what is
    /// announced for a market that only its title named is another one.
    public void bodySays(Listing listing, List<String> markets) {
        synchronized (this) {
            Listing was = state.listings.stream()
                    .filter(known -> known.id().equals(listing.id()))
                    .findFirst()
                    .orElse(null);
            if (was == null || Set.copyOf(was.markets()).equals(Set.copyOf(markets))) {
                return;
            }
            Listing is = was.on(markets);
            state.listings.replaceAll(known -> known.equals(was) ? is : known);
            log.warn(
                    "{}: listing corrected: the title of its notice names {} and the body {}",
                    is.id(),
                    was.markets(),
                    is.markets());
            write(clock.instant());
            toTell.add(() -> listener.corrected(was, is));
        }
        tell();
    }

    /// Looks at the clock: the watch may have gone blind. To be called about every second.
    public void look() {
        synchronized (this) {
            Instant now = clock.instant();
            Instant waitedSince = now.minus(EXPLAINED);
            if (!rules.notices()) {
                fireUnexplained(Instant.MAX, now);
            } else if (startedAt.isBefore(waitedSince)) { // after a start the first page may explain them
                fireUnexplained(waitedSince, now);
            }
            if (rules.notices() && !isBlind && !lastGood.plus(BLIND).isAfter(now)) {
                isBlind = true;
                Instant since = lastGood;
                log.error("no source of notices has given a good answer since {}: announcements are not seen", since);
                toTell.add(() -> listener.blind(since));
            }
        }
        tell();
    }

    private void compare(Instant askedAt, Instant receivedAt, Instant serverAt) {
        clocks.answered(askedAt, receivedAt, serverAt);
        boolean wasWrong = isClockWrong;
        ClockOffset.Estimate now = clocks.estimate().orElse(null);
        isClockWrong = now != null && now.isBeyond(TOLERATED);
        if (now != null && isClockWrong && !wasWrong) {
            log.warn(
                    "our clock is {} ms {} that of the exchange: let NTP set it, or delays mean nothing",
                    now.ahead().abs().toMillis(),
                    now.ahead().isNegative() ? "ahead of" : "behind");
        }
    }

    private void take(Answer answer) {
        switch (answer) {
            case Answer.Notices notices -> {
                compare(notices.askedAt(), notices.receivedAt(), notices.serverAt());
                take(notices);
                good(notices);
            }
            case Answer.Unchanged unchanged -> {
                compare(unchanged.askedAt(), unchanged.receivedAt(), unchanged.serverAt());
                good(unchanged);
            }
            case Answer.KrwMarkets markets -> take(markets);
            case Answer.Pong pong -> good(pong);
        }
        if (!(answer instanceof Answer.Pong) && !(answer instanceof Answer.Notices push && !push.wholePage())) {
            lastAsked.merge(
                    answer.source() + " " + answer.host(),
                    answer.askedAt(),
                    (known, asked) -> asked.isAfter(known) || known.isAfter(answer.receivedAt()) ? asked : known);
        }
    }

    /// An answer of a source of notices that proves that it can be heard.
    private void good(Answer answer) {
        if (!answer.askedAt().plus(BLIND).isAfter(answer.receivedAt())) {
            return; // an old copy says nothing of now
        }
        Instant since = lastGood;
        Instant now = answer.receivedAt();
        lastGood = now;
        if (isBlind) {
            isBlind = false;
            state.blind.add(new WatchState.Blind(since, now));
            log.info(
                    "notices are seen again after {} s",
                    Duration.between(since, now).toSeconds());
            toTell.add(() -> listener.sighted(since, now));
        }
        state.lastGoodAt = now;
        boolean isPage =
                !(answer instanceof Answer.Pong) && !(answer instanceof Answer.Notices push && !push.wholePage());
        if (isPage) {
            fireUnexplained(answer.askedAt(), now);
        }
        if (lastNoted.plus(NOTE_GOOD).isBefore(now) && pageSeen) {
            write(now);
        }
    }

    private void take(Answer.Notices answer) {
        List<Listing> fires = new ArrayList<>();
        boolean isNews = false;
        boolean isCold = !pageSeen && answer.wholePage();
        if (state.isEmpty()) {
            state.coldStartAt = answer.receivedAt();
        }
        for (Notice notice : answer.notices()) {
            try {
                isNews |= take(notice, answer, isCold, fires);
            } catch (RuntimeException e) { // one notice must not take the others with it
                log.error("notice {} cannot be judged: '{}'", notice.key(), quiet(notice.title()), e);
                toTell.add(() -> listener.unclear(notice));
            }
        }
        pageSeen |= answer.wholePage();
        if (isCold) {
            log.info(
                    "watching notices from here on: {} are on the page, {} of them are a listing that fires, the others are history",
                    answer.notices().size(),
                    fires.size());
        }
        state.listings.addAll(fires);
        if (isNews || isCold) {
            write(answer.receivedAt());
        }
        fires.forEach(this::fire);
    }

    /// @return whether anything about it is new
    private boolean take(Notice notice, Answer.Notices answer, boolean isCold, List<Listing> fires) {
        KnownNotice known = state.notice(notice).orElse(null);
        Instant notYet = answer.wholePage() ? lastAsked.get(answer.source() + " " + answer.host()) : null;
        boolean isInOrder = notYet != null && !notYet.isAfter(answer.receivedAt()); // unless our clock was set back
        Sighting sighting = new Sighting(answer.source(), isInOrder ? notYet : null, answer.receivedAt());
        if (known == null) {
            KnownNotice seen = new KnownNotice(
                    notice.uuid(), notice.id(), notice.title(), notice.firstListedAt(), notice.listedAt());
            seen.sightings.add(sighting);
            state.put(seen);
            first(notice, sighting, isCold, fires);
            return true;
        }
        boolean isNews = false;
        if ((known.uuid.isEmpty() && !notice.uuid().isEmpty())
                || (known.id.isEmpty() && !notice.id().isEmpty())) {
            known = known.named(notice.uuid(), notice.id());
            state.put(known);
            isNews = true;
        }
        if (!known.wasSeenBy(answer.source())) {
            known.sightings.add(sighting);
            seenAgain(notice, sighting);
            isNews = true;
        }
        if (!bare(known.title).equals(bare(notice.title()))) {
            log.info(
                    "the title of notice {} was '{}' and is '{}'",
                    notice.key(),
                    quiet(known.title),
                    quiet(notice.title()));
            NoticeTitle was = NoticeTitle.parse(known.title, notice.category());
            known.title = notice.title();
            amended(notice, was);
            isNews = true;
        }
        if (notice.listedAt().isAfter(known.listedAt)) {
            known.listedAt = notice.listedAt();
            isNews = true;
        }
        return isNews;
    }

    /// A notice that was never seen before.
    private void first(Notice notice, Sighting sighting, boolean isCold, List<Listing> fires) {
        Duration age = Duration.between(notice.firstListedAt(), sighting.seenAt());
        boolean isHistory = isCold
                ? age.compareTo(NEW_TO_US) > 0
                : age.compareTo(rules.kept()) > 0 || isOfBefore(notice.firstListedAt());
        NoticeTitle title = NoticeTitle.parse(notice.title(), notice.category());
        if (isHistory) {
            log.debug("notice {} of {} is history: '{}'", notice.key(), notice.firstListedAt(), quiet(notice.title()));
            return;
        }
        log.info(
                "notice {} of {}: {} '{}'",
                notice.key(),
                notice.firstListedAt(),
                title.kind().id(),
                quiet(notice.title()));
        if (title.unclear()
                || title.listings().stream().anyMatch(coin -> coin.markets().isEmpty())) {
            unclear(notice);
        }
        boolean isLate = isCold || age.compareTo(NEW) > 0;
        boolean namesOthers = false;
        for (NoticeTitle.Coin coin : title.listings()) {
            Listing before = firedSince(coin, fires, notice.firstListedAt(), sighting.seenAt());
            if (coin.markets().isEmpty()) {
                continue; // for a person
            }
            if (!rules.additions() && !coin.markets().contains(KRW)) {
                log.info("{} is added to {} and not to KRW: not recorded", coin.symbol(), coin.markets());
            } else if (before != null) {
                log.warn(
                        "{} fired as {} at {}: notice {} is the same again",
                        coin.symbol(),
                        before.notice(),
                        before.firedAt(),
                        notice.key());
                namesOthers |= !isSame(coin, before);
                seenAgain(
                        before.title().isEmpty()
                                ? before.told(notice.title(), notice.category(), notice.url())
                                : before,
                        sighting);
            } else {
                fires.add(new Listing(
                        notice.key(),
                        coin.symbol(),
                        coin.markets(),
                        notice.title(),
                        notice.category(),
                        notice.url(),
                        notice.firstListedAt().truncatedTo(ChronoUnit.SECONDS),
                        clock.instant(),
                        isLate,
                        List.of(sighting)));
            }
        }
        if (namesOthers) {
            log.error(
                    "notice {} is taken for one that fired and names other markets: '{}'; record it by hand if it is"
                            + " another listing: metdc listing record SYMBOL --at {}",
                    notice.key(),
                    quiet(notice.title()),
                    notice.firstListedAt());
            toTell.add(() -> listener.unclear(notice));
        }
    }

    /// Whether a notice says nothing of a coin that its listing does not say. What only the market list told of says
    /// nothing of other markets.
    private static boolean isSame(NoticeTitle.Coin coin, Listing fired) {
        return fired.title().isEmpty()
                || Set.copyOf(coin.markets()).equals(Set.copyOf(fired.markets()))
                || NoticeTitle.parse(fired.title(), fired.category()).listings().contains(coin);
    }

    private void unclear(Notice notice) {
        log.error(
                "the title of notice {} {}: '{}'; record it by hand if it is a listing: metdc listing record SYMBOL"
                        + " --at {}",
                notice.key(),
                TitleText.of(notice.title()).isTooLong()
                        ? "is too long to be read"
                        : "has a word of a listing and fits no rule",
                quiet(notice.title()),
                notice.firstListedAt());
        toTell.add(() -> listener.unclear(notice));
    }

    /// Whether it was published before anything was known, however it turns up now.
    private boolean isOfBefore(Instant firstListedAt) {
        return !state.isEmpty() && firstListedAt.isBefore(state.coldStartAt.minus(NEW_TO_US));
    }

    /// The listing of this coin that fired for another notice, and for every market that would make this one fire. One
    /// that was cancelled since does not count: what is announced anew is news.
    ///
    /// A listing that only the market list told of is about the opening; a notice from well before it is not.
    private @Nullable Listing firedSince(NoticeTitle.Coin coin, List<Listing> fires, Instant announcedAt, Instant now) {
        List<String> wanted = rules.additions() ? coin.markets() : List.of(KRW);
        List<Listing> all = new ArrayList<>(state.listings);
        all.addAll(fires);
        for (Listing listing : all.reversed()) {
            boolean isEarlier =
                    listing.title().isEmpty() && announcedAt.plus(SAME).isBefore(listing.announcedAt());
            if (listing.coin().equals(coin.symbol())
                    && listing.markets().containsAll(wanted)
                    && !isEarlier
                    && stands(listing, now)) {
                return listing;
            }
        }
        return null;
    }

    private void take(Answer.KrwMarkets answer) {
        Instant now = answer.receivedAt();
        long unknown = answer.coins().stream()
                .filter(coin -> !state.krw.containsKey(coin))
                .count();
        boolean isFirst = state.krw.isEmpty() || unknown > MOST_AT_ONCE;
        if (isFirst && !state.krw.isEmpty()) {
            log.warn("{} KRW markets are new at once: the list before was none", unknown);
        }
        boolean isNews = isFirst;
        for (String coin : new TreeSet<>(answer.coins())) {
            if (state.krw.put(coin, now) != null || isFirst) {
                continue;
            }
            isNews = true;
            log.info("{}-{} is a new market", KRW, coin);
            Instant notYet = lastAsked.get(answer.source() + " " + answer.host());
            boolean isInOrder = notYet != null && !notYet.isAfter(now);
            Sighting sighting = new Sighting(answer.source(), isInOrder ? notYet : null, now);
            Listing known = listingOf(coin, now);
            if (known != null) {
                seenAgain(known, sighting);
            } else if (Listing.isCoin(coin) && !isAnnounced(coin, now)) {
                state.unexplained.put(coin, sighting);
            }
        }
        state.forgetMarketsUnseenFor(ISSUED_AGAIN, now);
        if (isNews) {
            write(now);
        }
        if (!rules.notices()) {
            fireUnexplained(Instant.MAX, now);
        }
    }

    /// Markets that no notice told of although there was time to: those that were seen before this.
    private void fireUnexplained(Instant before, Instant now) {
        Map<String, Sighting> due = new LinkedHashMap<>(state.unexplained);
        due.values().removeIf(sighting -> !sighting.seenAt().isBefore(before));
        if (due.isEmpty()) {
            return;
        }
        List<Listing> fires = new ArrayList<>();
        due.forEach((coin, sighting) -> {
            Listing known = listingOf(coin, now);
            if (known != null) {
                seenAgain(known, sighting);
                return;
            }
            if (sighting.seenAt().plus(rules.kept()).isBefore(now)) {
                log.error(
                        "{}-{} was new at {} and no notice told of it: its trades are stored no more",
                        KRW,
                        coin,
                        sighting.seenAt());
                return;
            }
            log.warn("no notice told of {}-{}: the market list did", KRW, coin);
            Instant notYet = sighting.notYetAt();
            fires.add(new Listing(
                    "market:" + KRW + "-" + coin,
                    coin,
                    List.of(KRW),
                    "",
                    "",
                    null,
                    sighting.seenAt().truncatedTo(ChronoUnit.SECONDS),
                    clock.instant(),
                    notYet == null
                            || notYet.plus(NEW).isBefore(sighting.seenAt())
                            || sighting.seenAt().plus(NEW).isBefore(now),
                    List.of(sighting)));
        });
        state.unexplained.keySet().removeAll(due.keySet());
        state.listings.addAll(fires);
        write(now);
        fires.forEach(this::fire);
    }

    /// The newest listing of this coin for KRW that a market which opens now can belong to.
    private @Nullable Listing listingOf(String coin, Instant now) {
        return state.listings.reversed().stream()
                .filter(listing -> listing.coin().equals(coin) && listing.isKrw() && stands(listing, now))
                .findFirst()
                .orElse(null);
    }

    /// What fired long ago, or was cancelled since, keeps nothing from firing.
    private boolean stands(Listing listing, Instant now) {
        return !state.cancelled.contains(listing.id())
                && listing.firedAt().plus(ISSUED_AGAIN).isAfter(now);
    }

    /// Whether a notice of before our time announced it, or one that was amended since it fired: that its market opens
    /// now is no news. A title that its body corrected announced nothing.
    private boolean isAnnounced(String coin, Instant now) {
        return state.notices.values().stream()
                .distinct()
                .filter(notice -> notice.listedAt.plus(ISSUED_AGAIN).isAfter(now))
                .filter(notice -> state.listings.stream()
                        .noneMatch(fired -> fired.coin().equals(coin)
                                && !fired.isKrw()
                                && (fired.notice().equals(notice.uuid)
                                        || fired.notice().equals(notice.id))))
                .flatMap(notice -> NoticeTitle.parse(notice.title, "").listings().stream())
                .anyMatch(listed ->
                        listed.symbol().equals(coin) && listed.markets().contains(KRW));
    }

    private void fire(Listing listing) {
        log.warn(
                "{} is listed on {}, announced at {}, seen {} ms later{}: '{}'",
                listing.coin(),
                listing.markets(),
                listing.announcedAt(),
                Duration.between(listing.announcedAt(), listing.seenAt()).toMillis(),
                listing.late() ? ", late" : "",
                quiet(listing.title()));
        toTell.add(() -> listener.fired(listing));
    }

    private void seenAgain(Notice notice, Sighting sighting) {
        List<Listing> same = listings(notice).stream().toList();
        same.forEach(listing -> seenAgain(listing, sighting));
    }

    private void seenAgain(Listing listing, Sighting sighting) {
        List<Sighting> all = new ArrayList<>(listing.sightings());
        if (all.stream().anyMatch(known -> known.source() == sighting.source())) {
            return;
        }
        all.add(sighting);
        all.sort(Comparator.comparing(Sighting::seenAt));
        Listing seen = listing.with(all);
        state.listings.replaceAll(known -> known.id().equals(seen.id()) ? seen : known);
        toTell.add(() -> listener.seenAgain(seen));
    }

    /// @param was what its title said before
    private void amended(Notice notice, NoticeTitle was) {
        NoticeTitle title = NoticeTitle.parse(notice.title(), notice.category());
        List<Listing> fired = listings(notice);
        List<Listing> still = fired.stream()
                .filter(listing ->
                        title.listings().stream().anyMatch(coin -> coin.symbol().equals(listing.coin())))
                .toList();
        boolean isMore = title.listings().stream()
                .filter(coin -> rules.additions() || coin.markets().contains(KRW))
                .anyMatch(coin -> !was.listings().contains(coin)
                        && fired.stream().noneMatch(listing -> listing.coin().equals(coin.symbol())));
        if (isMore && !isOfBefore(notice.firstListedAt())) {
            log.error(
                    "notice {} announces more than it did: '{}'; record it by hand: metdc listing record SYMBOL --at {}",
                    notice.key(),
                    quiet(notice.title()),
                    notice.firstListedAt());
            toTell.add(() -> listener.unclear(notice));
        } else if (title.unclear() && !was.unclear() && !isOfBefore(notice.firstListedAt())) {
            unclear(notice);
        }
        if (!title.unclear() || !title.listings().isEmpty()) { // else nobody knows what it says of them
            noteCancelled(fired, was, title);
            toTell.add(() -> listener.amended(notice, title, still));
        }
    }

    /// A notice that was taken for one issued again can be the one that is amended: it cancels what it announced.
    private void noteCancelled(List<Listing> fired, NoticeTitle was, NoticeTitle title) {
        for (Listing listing : state.listings) {
            boolean isOfIt = fired.contains(listing);
            if (announces(title, listing)) {
                if (isOfIt) {
                    state.cancelled.remove(listing.id());
                }
            } else if (isOfIt || announces(was, listing)) {
                state.cancelled.add(listing.id());
            }
        }
    }

    private static boolean announces(NoticeTitle title, Listing listing) {
        return title.listings().stream()
                .anyMatch(coin -> coin.symbol().equals(listing.coin())
                        && (!listing.isKrw()
                                || coin.markets().isEmpty()
                                || coin.markets().contains(KRW)));
    }

    /// Before anything fires. That it fails is no reason not to fire: the tape is worth more than a second archive
    /// after a crash.
    private void write(Instant now) {
        try {
            state.write();
            lastNoted = now;
        } catch (IOException e) {
            log.error("what was seen of notices cannot be kept, and would fire again after a crash: {}", e.toString());
        }
    }

    /// Without its tag and its blanks, which differ from source to source.
    private static String bare(String title) {
        return title.replaceFirst("^\\s*\\[[^\\]]*]", "").replaceAll("\\s+", "");
    }

    /// For the log: control characters of a title must not break its lines.
    private static String quiet(String title) {
        String oneLine = title.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]+", " ");
        return oneLine.length() <= 300 ? oneLine : oneLine.substring(0, 299) + "…";
    }
}
