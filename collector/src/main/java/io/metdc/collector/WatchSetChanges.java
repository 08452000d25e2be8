package io.metdc.collector;

import io.metdc.market.Instrument;
import io.metdc.storage.Catalogue;
import io.metdc.symbols.Changes;
import io.metdc.symbols.Changes.Change;
import io.metdc.symbols.CoinName;
import io.metdc.symbols.Universe;
import io.metdc.symbols.UpbitMark;
import io.metdc.symbols.WatchSet;
import io.metdc.symbols.WatchSet.Watched;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says every change of what is collected where it has to be known: to the pool of the market, in the log and in SQL.
final class WatchSetChanges implements Universe.Listener {
    private static final Logger log = LoggerFactory.getLogger(WatchSetChanges.class);

    private final Catalogue catalogue;
    private final Universe.Listener pools;

    /// @param pools subscribe what is new
    WatchSetChanges(Catalogue catalogue, Universe.Listener pools) {
        this.catalogue = catalogue;
        this.pools = pools;
    }

    @Override
    public void changed(Changes changes, WatchSet now) {
        pools.changed(changes, now);
        if (changes.isFirst()) {
            first(changes, now);
            return;
        }
        List<Catalogue.Entry> entries = new ArrayList<>();
        List<Catalogue.Change> rows = new ArrayList<>();
        int nowKnown = 0;
        for (Change change : changes.changes()) {
            switch (change) {
                case Changes.Added added -> {
                    log.info("{} is collected from now on: {}", added.instrument(), words(added.watched()));
                    entries.add(entry(added.watched(), true));
                    rows.add(row(change, "", added.watched().symbol()));
                }
                case Changes.Dropped dropped -> {
                    log.info("{} is not collected any more: {}", dropped.instrument(), dropped.why());
                    entries.add(entry(dropped.watched(), false));
                    rows.add(row(change, dropped.watched().symbol(), dropped.why()));
                }
                case Changes.Renamed renamed -> {
                    log.info("{} is {} now", name(renamed.before()), name(renamed.after()));
                    if (renamed.isOtherSymbol()) {
                        entries.add(entry(renamed.before(), false));
                    }
                    entries.add(entry(renamed.after(), true));
                    rows.add(row(change, name(renamed.before()), name(renamed.after())));
                }
                case Changes.Terms terms -> {
                    log.info("{}: {}, and was {}", terms.instrument(), terms(terms.after()), terms(terms.before()));
                    entries.add(entry(terms.after(), true));
                    rows.add(row(change, terms(terms.before()), terms(terms.after())));
                }
                case Changes.Marked marked
                when !change.isNews() -> {
                    entries.add(entry(marked.after(), true));
                    nowKnown++;
                }
                case Changes.Marked marked -> {
                    log.info(
                            "{} is {} at Upbit now",
                            marked.instrument(),
                            marked.after().mark());
                    entries.add(entry(marked.after(), true));
                    rows.add(row(
                            change,
                            marked.before().mark().id(),
                            marked.after().mark().id()));
                }
            }
        }
        if (nowKnown > 0) {
            log.info("{}: Upbit's list says of {} instruments whether it trades their coin", now.market(), nowKnown);
        }
        catalogue.changed(changes.market(), changes.at(), entries, rows);
    }

    private void first(Changes changes, WatchSet now) {
        log.info(
                "{}: {} instruments are collected ({} listed for KRW at Upbit, {} not), {} are left out",
                now.market(),
                now.watched().size(),
                now.count(UpbitMark.LISTED),
                now.count(UpbitMark.UNLISTED),
                now.leftOut().size());
        catalogue.whole(
                now.market(),
                changes.at(),
                now.watched().stream().map(one -> entry(one, true)).toList());
    }

    private static Catalogue.Entry entry(Watched watched, boolean isCollected) {
        return new Catalogue.Entry(
                watched.instrument(), CoinName.of(watched.instrument()), mark(watched.mark()), isCollected);
    }

    private static @Nullable String mark(UpbitMark mark) {
        return mark == UpbitMark.UNKNOWN ? null : mark.id();
    }

    private static Catalogue.Change row(Change change, String old, String now) {
        return new Catalogue.Change(change.instrument(), change.kind(), old, now);
    }

    private static String words(Watched watched) {
        return watched.mark() == UpbitMark.UNKNOWN ? watched.why() : watched.mark() + ", " + watched.why();
    }

    private static String name(Watched watched) {
        return watched.symbol() + " (" + watched.instrument().base() + ")";
    }

    private static String terms(Watched watched) {
        Instrument instrument = watched.instrument();
        return "contract size " + instrument.contractSize().toPlainString() + ", multiplier "
                + instrument.multiplier().toPlainString() + ", settled in " + instrument.settle() + ", scales "
                + instrument.scales().price() + " and "
                + instrument.scales().size();
    }
}
