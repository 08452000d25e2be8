package io.metdc.connectors;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which keys a connector wants of a JSON object, and of which of them it wants the objects within. All others are
/// skipped, whatever they hold.
///
/// A row may also be a JSON array, as Phemex sends trades: its first element is then the shape's first field, and
/// so on.
///
/// Built once into constants, before any frame is read; not changed afterwards.
final class Shape {
    private static final int TABLE = 64; // at most half full, so that a look-up ends early

    private final List<Field> fields = new ArrayList<>();
    private final @Nullable Shape[] nested = new @Nullable Shape[TABLE];
    private final @Nullable String[] names = new @Nullable String[TABLE]; // by their hashes
    private final int[] indexes = new int[TABLE]; // beside the names
    private int named;

    Shape() {}

    /// A shape that has all fields of another one at the same places, so that they can be read from both.
    Shape(Shape other) {
        for (Field field : other.fields) {
            add(field.name(), other.nested[field.index()]);
        }
        for (int at = 0; at < TABLE; at++) {
            String name = other.names[at];
            if (name != null && indexOf(name) < 0) {
                name(name, fields.get(other.indexes[at]));
            }
        }
    }

    /// Wants the value of this key: a text, a number, a truth value or null.
    ///
    /// @param otherwise what the key is called where it is not called so
    Field field(String name, String... otherwise) {
        Field field = add(name, null);
        for (String other : otherwise) {
            name(other, field);
        }
        return field;
    }

    /// Wants the values of these keys.
    ///
    /// @param names with a blank between them
    /// @return in the order of their names
    List<Field> fields(String names) {
        return Stream.of(names.split(" ", -1)).map(this::field).toList();
    }

    /// Wants the object that this key holds, or the objects or arrays that its array holds: see
    /// [Frame#enter(Field)].
    Field nested(String name, Shape shape) {
        return add(name, shape);
    }

    int size() {
        return fields.size();
    }

    Field field(int index) {
        return fields.get(index);
    }

    @Nullable
    Shape nested(int index) {
        return nested[index];
    }

    /// The place of this key's value, or -1 when nobody wants it. Names that come from Jackson are interned, so
    /// that the comparison by identity decides nearly always.
    @SuppressWarnings("ReferenceEquality")
    int indexOf(String name) {
        for (int at = slot(name); ; at = (at + 1) & (TABLE - 1)) {
            String wanted = names[at];
            if (wanted == null) {
                return -1;
            }
            if (wanted == name || wanted.equals(name)) {
                return indexes[at];
            }
        }
    }

    private Field add(String name, @Nullable Shape shape) {
        Field field = new Field(fields.size(), name.intern());
        name(name, field);
        fields.add(field);
        nested[field.index()] = shape;
        return field;
    }

    private void name(String name, Field field) {
        if (indexOf(name) >= 0 || ++named > TABLE / 2) {
            throw new IllegalArgumentException("a second " + name + ", or too many fields");
        }
        int at = slot(name);
        while (names[at] != null) {
            at = (at + 1) & (TABLE - 1);
        }
        names[at] = name.intern();
        indexes[at] = field.index();
    }

    private static int slot(String name) {
        int hash = name.hashCode();
        return (hash ^ (hash >>> 7)) & (TABLE - 1);
    }
}
