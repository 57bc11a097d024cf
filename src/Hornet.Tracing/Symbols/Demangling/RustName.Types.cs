using System.Globalization;

namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>Types, with lifetimes and what they are bound by.</summary>
internal sealed partial class RustName
{
    private void Lifetime(ulong index)
    {
        if (index == 0)
        {
            Add("'_");
            return;
        }
        if (index > (ulong)_lifetimes) throw new DemangleException();
        ulong depth = (ulong)_lifetimes - index;
        Add(depth < 26 ? $"'{(char)('a' + depth)}" : string.Create(CultureInfo.InvariantCulture, $"'_{depth}"));
    }

    private void Binder(Action inner)
    {
        ulong count = Optional('G');
        if (count > 1 << 10) throw new DemangleException();
        if (count > 0)
        {
            Add("for<");
            for (ulong i = 0; i < count; i++)
            {
                if (i > 0) Add(", ");
                _lifetimes++;
                Lifetime(1);
            }
            Add("> ");
        }
        inner();
        _lifetimes -= (int)count;
    }

    private void Type()
    {
        Enter();
        char tag = Take();
        if (Basic(tag) is { } basic)
        {
            Add(basic);
            _depth--;
            return;
        }
        switch (tag)
        {
            case 'A' or 'S':
                Add("[");
                Type();
                if (tag == 'A')
                {
                    Add("; ");
                    Constant(inValue: true);
                }
                Add("]");
                break;
            case 'T':
                Add("(");
                if (List(Type, ", ") == 1) Add(",");
                Add(")");
                break;
            case 'R' or 'Q':
                Add("&");
                if (Take('L') && Base62() is > 0 and var lifetime)
                {
                    Lifetime(lifetime);
                    Add(" ");
                }
                if (tag == 'Q') Add("mut ");
                Type();
                break;
            case 'P':
                Add("*const ");
                Type();
                break;
            case 'O':
                Add("*mut ");
                Type();
                break;
            case 'F':
                Binder(Signature);
                break;
            case 'D':
                Add("dyn ");
                Binder(() => List(DynTrait, " + "));
                if (!Take('L')) throw new DemangleException();
                if (Base62() is > 0 and var bound)
                {
                    Add(" + ");
                    Lifetime(bound);
                }
                break;
            case 'B':
                BackReference(Type);
                break;
            default:
                _at--;
                Path(inValue: false);
                break;
        }
        _depth--;
    }

    private void Signature()
    {
        bool isUnsafe = Take('U');
        string abi = "";
        if (Take('K')) abi = Take('C') ? "C" : Identifier().Replace('_', '-');
        if (isUnsafe) Add("unsafe ");
        if (abi.Length > 0) Add($"extern \"{abi}\" ");
        Add("fn(");
        List(Type, ", ");
        Add(")");
        if (Take('u')) return;
        Add(" -> ");
        Type();
    }

    private void DynTrait()
    {
        bool open = OpenPath();
        while (Take('p'))
        {
            Add(open ? ", " : "<");
            open = true;
            Add(Identifier());
            Add(" = ");
            Type();
        }
        if (open) Add(">");
    }

    /// <summary>A path whose list of arguments is left open, for the associated types that follow.</summary>
    private bool OpenPath()
    {
        if (Take('B'))
        {
            bool open = false;
            BackReference(() => open = OpenPath());
            return open;
        }
        if (Take('I'))
        {
            Path(inValue: false);
            Add("<");
            List(GenericArgument, ", ");
            return true;
        }
        Path(inValue: false);
        return false;
    }


    private static string? Basic(char tag) => tag switch
    {
        'b' => "bool",
        'c' => "char",
        'e' => "str",
        'u' => "()",
        'a' => "i8",
        's' => "i16",
        'l' => "i32",
        'x' => "i64",
        'n' => "i128",
        'i' => "isize",
        'h' => "u8",
        't' => "u16",
        'm' => "u32",
        'y' => "u64",
        'o' => "u128",
        'j' => "usize",
        'f' => "f32",
        'd' => "f64",
        'z' => "!",
        'p' => "_",
        'v' => "...",
        _ => null,
    };
}
