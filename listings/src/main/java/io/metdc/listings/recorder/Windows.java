package io.metdc.listings.recorder;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is cut out of the tape around an announcement, and around the opening of trading.
///
/// @param core around the announcement, as the others but `open`
/// @param open around the opening of trading, where it is known
/// @param kept what is never dropped for its age
public record Windows(Reach core, Reach near, Reach wide, Reach open, Reach kept) {
    /// Those of the analysis.
    public static final Windows DEFAULT = new Windows(
            new Reach(Duration.ofSeconds(20), Duration.ofSeconds(20)),
            new Reach(Duration.ofSeconds(60), Duration.ofSeconds(120)),
            new Reach(Duration.ofMinutes(10), Duration.ofMinutes(60)),
            new Reach(Duration.ofMinutes(10), Duration.ofMinutes(60)),
            new Reach(Duration.ofHours(24), Duration.ofHours(24)));

    /// How far a window reaches from its middle.
    ///
    /// @param before not negative
    /// @param after  positive
    public record Reach(Duration before, Duration after) {
        public Reach {
            if (before.isNegative() || !after.isPositive()) {
                throw new IllegalArgumentException("a window from " + before + " before to " + after + " after");
            }
        }

        Window around(Instant middle) {
            return new Window(middle.minus(before), middle.plus(after));
        }
    }

    /// The window that a stage adds. What it adds is there when the window is over.
    ///
    /// @param opensAt when trading opens; null while nobody knows
    /// @return null for `open` while nobody knows when; for `final` the stretch from the first to the last of all
    public @Nullable Window of(Stage stage, Instant announcedAt, @Nullable Instant opensAt) {
        return switch (stage) {
            case CORE -> core.around(announcedAt);
            case NEAR -> near.around(announcedAt);
            case WIDE -> wide.around(announcedAt);
            case OPEN -> opensAt == null ? null : open.around(opensAt);
            case FINAL -> Window.hull(archived(Stage.FINAL, announcedAt, opensAt));
        };
    }

    /// What a stage's archive holds: its window and those of the stages before it, apart where they do not touch.
    public List<Window> archived(Stage stage, Instant announcedAt, @Nullable Instant opensAt) {
        List<Window> windows = new ArrayList<>();
        for (Stage earlier : Stage.values()) {
            if (earlier.compareTo(stage) <= 0 && earlier != Stage.FINAL) {
                Window window = of(earlier, announcedAt, opensAt);
                if (window != null) {
                    windows.add(window);
                }
            }
        }
        return Window.united(windows);
    }

    /// What is never dropped for its age: at least all that is ever archived.
    public Window kept(Instant announcedAt, @Nullable Instant opensAt) {
        List<Window> windows = new ArrayList<>(archived(Stage.FINAL, announcedAt, opensAt));
        windows.add(kept.around(announcedAt));
        return Window.hull(windows);
    }
}
