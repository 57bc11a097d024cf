using System.Globalization;
using System.Reflection;
using System.Text;
using Hornet.Btf;
using Hornet.Compiler;
using Hornet.Features;
using Hornet.IL.Kernel;
using Hornet.IL.Translate;
using Hornet.Kernel;
using Hornet.KernelTypes;
using Hornet.Maps;

namespace Hornet.IL;

/// <summary>A class whose methods are the functions of a table: which member each is, and the table as the loader wants it.</summary>
internal sealed class StructOpsTable
{
    private readonly object _implementation;
    private readonly BtfType _kernel;
    private readonly List<(BtfMember Member, KernelCode Code)> _functions = [];
    private readonly List<(BtfMember Member, PropertyInfo Property)> _values = [];

    private StructOpsTable(object implementation, string typeName, BtfType kernel)
    {
        _implementation = implementation;
        _kernel = kernel;
        TypeName = typeName;
    }

    /// <summary>The type of schedulers' tables.</summary>
    public const string Scheduler = "sched_ext_ops";

    /// <summary>The kernel's name of the table's type.</summary>
    public string TypeName { get; }

    /// <summary>The table's name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Finds the member of each public method and property.</summary>
    /// <param name="implementation">The object.</param>
    /// <param name="fallback">Another one, with methods for members that the first does not have.</param>
    /// <exception cref="BpfException">One is no member of the table, or the kernel does not have the table.</exception>
    public static StructOpsTable Of(object implementation, object? fallback = null)
    {
        var type = implementation.GetType();
        string typeName = type.GetCustomAttribute<StructOpsAttribute>()?.TypeName
            ?? throw new ArgumentException($"{type.Name} does not say which table it implements: mark it, as in [StructOps(\"tcp_congestion_ops\")].", nameof(implementation));
        if (!KernelBtf.IsAvailable) throw new BpfNotSupportedException($"struct_ops {typeName}", UnsupportedCause.Config, "the kernel tells no types (CONFIG_DEBUG_INFO_BTF), by which tables are found");
        if (!KernelBtf.Vmlinux.TryFind(typeName, BtfKind.Struct, out var kernel)) throw new BpfException($"This kernel has no struct '{typeName}', which {type.Name} implements.");
        StructOpsTable table = new(implementation, typeName, kernel) { Name = KernelViews.SnakeCase(type.Name) };
        table.AddFunctions(implementation);
        if (table._functions.Count == 0) throw new BpfException($"{type.Name} has no public methods: {typeName} has {table.Members()}.");
        if (fallback is not null) table.AddFunctions(fallback);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var member = table.Find(property, "property");
            if (member.Type.Resolve().Kind == BtfKind.Pointer || member.BitfieldSize != 0) throw new BpfException($"{type.Name}.{property.Name} is a property, and {typeName}.{member.Name} holds no number or text.");
            table._values.Add((member, property));
        }
        return table;
    }

    /// <summary>The value of a member that is a text; null when the class has none.</summary>
    public string? TextOf(string member) => _values.Find(value => value.Member.Name == member).Property?.GetValue(_implementation) as string;

    private void AddFunctions(object implementation)
    {
        var type = implementation.GetType();
        foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
        {
            if (method.IsSpecialName || method.DeclaringType == typeof(object) || method.GetBaseDefinition().DeclaringType == typeof(object)) continue;
            var member = Find(method, "method");
            if (member.Type.Resolve() is not { Kind: BtfKind.Pointer } pointer || pointer.Target.Resolve() is not { Kind: BtfKind.FunctionPrototype } prototype)
                throw new BpfException($"{type.Name}.{method.Name} is a method, and {TypeName}.{member.Name} is no function: make it a property.");
            _functions.Add((member, KernelCode.StructOps(new KernelMember(TypeName, member.Name), prototype, method, implementation)));
        }
    }

    /// <summary>Compiles the methods to programs of one object, with the table.</summary>
    /// <exception cref="Compiler.Diagnostics.CompilationException">The code cannot run in the kernel; every reason is in it.</exception>
    public CompilationResult Compile(CompilerOptions options, Func<Printing.PrintChannel>? prints)
    {
        var result = BpfCompiler.Compile([.. _functions.Select(function => function.Code.Translate(options, prints))], Name, options);
        // The table as a program in C would declare it: pointers and bytes, found by their names.
        var builder = BtfBuilder.CopyOf(result.Object.Btf ?? new BtfBuilder().Build());
        uint pointer = builder.AddPointer(0), index = builder.AddInt("unsigned int", 4), character = builder.AddInt("char", 1);
        List<BtfMemberDefinition> members = [];
        MemoryStream bytes = new();
        foreach (var (member, _) in _functions) Add(member.Name, pointer, new byte[8]);
        foreach (var (member, property) in _values)
        {
            byte[] value = ValueOf(member, property);
            Add(member.Name, builder.AddArray(character, index, (uint)value.Length), value);
        }
        while (bytes.Length % 8 != 0) bytes.WriteByte(0);
        uint type = builder.AddStruct(TypeName, (uint)bytes.Length, [.. members]);
        result.Object.Btf = builder.Build();
        MapSpec map = new()
        {
            Name = Name,
            Type = MapType.StructOps,
            KeySize = 4,
            ValueSize = (uint)bytes.Length,
            MaxEntries = 1,
            Flags = KernelVersion.Running >= new KernelVersion(6, 4) ? MapFlags.Link : 0,
            ValueTypeId = type,
            StructOpsType = TypeName,
        };
        map.Contents.Add((new byte[4], bytes.ToArray()));
        foreach (var (member, code) in _functions) map.StructOpsPrograms[member.Name] = code.Name;
        result.Object.Maps.Add(map);
        return result;

        void Add(string name, uint memberType, byte[] value)
        {
            members.Add(new BtfMemberDefinition(name, memberType, (uint)bytes.Length * 8));
            bytes.Write(value);
        }
    }

    private BtfMember Find(MemberInfo managed, string kind)
    {
        foreach (var member in _kernel.Members)
        {
            if (KernelViews.SameName(managed.Name, member.Name)) return member;
        }
        throw new BpfException($"The public {kind} {managed.DeclaringType!.Name}.{managed.Name} is no member of {TypeName}, which has {Members()}: make it private, or correct the name.");
    }

    private string Members() => string.Join(", ", _kernel.Members.Select(member => member.Name).Where(name => name.Length > 0));

    private byte[] ValueOf(BtfMember member, PropertyInfo property)
    {
        byte[] value = new byte[member.Type.ByteSize];
        string place = $"{TypeName}.{member.Name}";
        switch (property.GetValue(_implementation))
        {
            case string text:
                if (Encoding.UTF8.GetByteCount(text) >= value.Length) throw new BpfException($"{place} holds {value.Length - 1} bytes of text, and {property.Name} is '{text}'.");
                Encoding.UTF8.GetBytes(text, value);
                break;
            case IConvertible number and not (bool or char or float or double or decimal):
                if (value.Length > 8) throw new BpfException($"{place} is {value.Length} bytes, and {property.Name} a number.");
                ulong bits = unchecked((ulong)(number.GetTypeCode() == TypeCode.UInt64 ? (long)number.ToUInt64(CultureInfo.InvariantCulture) : number.ToInt64(CultureInfo.InvariantCulture)));
                for (int i = 0; i < value.Length; i++) value[BitConverter.IsLittleEndian ? i : value.Length - 1 - i] = (byte)(bits >> 8 * i);
                break;
            default:
                throw new BpfException($"{property.Name} is {Names.Of(property.PropertyType)}; a member of {TypeName} is a number or a text.");
        }
        return value;
    }
}
