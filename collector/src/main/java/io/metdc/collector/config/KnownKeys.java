package io.metdc.collector.config;

import io.metdc.collector.config.Given.Shape;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The keys that exist, and the one that a mistyped key was probably meant to be.
final class KnownKeys {
    private final Map<String, Shape> shapes;
    private final Set<String> sections = new LinkedHashSet<>();

    KnownKeys(Map<String, Shape> shapes) {
        this.shapes = shapes;
        for (String key : shapes.keySet()) {
            for (int dot = key.indexOf('.'); dot > 0; dot = key.indexOf('.', dot + 1)) {
                sections.add(key.substring(0, dot));
            }
        }
    }

    Set<String> keys() {
        return shapes.keySet();
    }

    @Nullable
    Shape shape(String key) {
        return shapes.get(key);
    }

    boolean isSection(String key) {
        return sections.contains(key);
    }

    /// What to say of a key in the file that has dots in it.
    String dotted(String key) {
        if (shapes.containsKey(key) || sections.contains(key)) {
            int dot = key.lastIndexOf('.');
            return key + " cannot be written with dots: put " + key.substring(dot + 1) + " under "
                    + key.substring(0, dot);
        }
        return unknown(key);
    }

    /// What to say of a key that does not exist.
    String unknown(String key) {
        return "there is no setting " + abbreviated(key)
                + nearest(key).map(other -> "; did you mean " + other + "?").orElse("");
    }

    /// What to say of a key, given outside of the file, that is not the key of a setting; null when it is
    /// one.
    @Nullable
    String wrong(String key) {
        if (shapes.containsKey(key)) {
            return null;
        }
        return sections.contains(key) ? key + " is a section, not a setting" : unknown(key);
    }

    Optional<String> nearest(String key) {
        Set<String> candidates = new LinkedHashSet<>(shapes.keySet());
        candidates.addAll(sections);
        return candidates.stream()
                .filter(candidate -> remoteness(key, candidate) < 3)
                .min(Comparator.comparingInt((String candidate) -> remoteness(key, candidate))
                        .thenComparingInt(candidate -> distance(key, candidate)));
    }

    private static int remoteness(String key, String candidate) {
        int distance = distance(key, candidate);
        if (distance <= 2) {
            return 0;
        }
        return isMisplaced(key, candidate) ? 1 : distance <= key.length() / 4 ? 2 : 3;
    }

    /// The right word in the wrong place: `retention` for `storage.retention`.
    private static boolean isMisplaced(String key, String candidate) {
        String wanted = last(key);
        return wanted.length() >= 3 && distance(wanted, last(candidate)) <= (wanted.length() >= 6 ? 1 : 0);
    }

    private static String last(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    private static String abbreviated(String key) {
        String oneLine = key.replaceAll("\\p{Cntrl}+", " ");
        return oneLine.length() <= 80 ? oneLine : oneLine.substring(0, 77) + "…";
    }

    /// How many letters must be put in, left out, changed or swapped with their neighbour to make one of
    /// the other.
    static int distance(String a, String b) {
        if (Math.abs(a.length() - b.length()) > 100) {
            return Integer.MAX_VALUE;
        }
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + changed);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }
        return last[b.length()];
    }
}
