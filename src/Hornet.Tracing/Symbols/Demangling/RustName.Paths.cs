using System.Globalization;

namespace Hornet.Tracing.Symbols.Demangling;

/// <summary>Paths: crates, modules, implementations, and what stands in angle brackets behind them.</summary>
internal sealed partial class RustName
{
    private void Path(bool inValue)
    {
        Enter();
        switch (Take())
        {
            case 'C':
                Optional('s');
                Add(Identifier());
                break;
            case 'N':
                char kind = Take();
                if (!char.IsAsciiLetter(kind)) throw new DemangleException();
                Path(inValue);
                ulong number = Optional('s');
                string name = Identifier();
                if (char.IsAsciiLetterUpper(kind))
                {
                    // What has no name of its own is counted.
                    Add("::{");
                    Add(kind switch { 'C' => "closure", 'S' => "shim", _ => kind.ToString() });
                    if (name.Length > 0)
                    {
                        Add(":");
                        Add(name);
                    }
                    Add(string.Create(CultureInfo.InvariantCulture, $"#{number}}}"));
                }
                else if (name.Length > 0)
                {
                    Add("::");
                    Add(name);
                }
                break;
            case 'M':
                ImplPath();
                Add("<");
                Type();
                Add(">");
                break;
            case 'X':
                ImplPath();
                TraitImpl();
                break;
            case 'Y':
                TraitImpl();
                break;
            case 'I':
                Path(inValue);
                if (inValue) Add("::");
                Add("<");
                List(GenericArgument, ", ");
                Add(">");
                break;
            case 'B':
                BackReference(() => Path(inValue));
                break;
            default: throw new DemangleException();
        }
        _depth--;
    }

    private void TraitImpl()
    {
        Add("<");
        Type();
        Add(" as ");
        Path(inValue: false);
        Add(">");
    }

    /// <summary>Where an implementation stands, which is not written.</summary>
    private void ImplPath()
    {
        bool silent = _silent;
        _silent = true;
        Optional('s');
        Path(inValue: false);
        _silent = silent;
    }

    private int List(Action element, string separator)
    {
        int count = 0;
        while (!Take('E'))
        {
            if (count++ > 0) Add(separator);
            element();
            if (count > 1 << 12) throw new DemangleException();
        }
        return count;
    }

    private void BackReference(Action read)
    {
        int from = _at - 1;
        ulong place = Base62();
        // It counts from behind the prefix and always leads back.
        if (place >= (ulong)(from - 2)) throw new DemangleException();
        if (_silent) return;
        int after = _at;
        _at = (int)place + 2;
        read();
        _at = after;
    }

    private void GenericArgument()
    {
        if (Take('L')) Lifetime(Base62());
        else if (Take('K')) Constant(inValue: false);
        else Type();
    }
}
