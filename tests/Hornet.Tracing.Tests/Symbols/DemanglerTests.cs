using Hornet.Tracing.Symbols;

namespace Hornet.Tracing.Tests.Symbols;

public class DemanglerTests
{
    [Theory]
    [InlineData("_Z4mainv", "main()")]
    [InlineData("_Z1fv.isra.0", "f() [clone .isra.0]")]
    [InlineData("_Z1fi.constprop.0.cold", "f(int) [clone .constprop.0] [clone .cold]")]
    [InlineData("_ZN5outer5inner4TypeC2ERKS1_", "outer::inner::Type::Type(outer::inner::Type const&)")]
    [InlineData("_ZN5outer4TypeD0Ev", "outer::Type::~Type()")]
    [InlineData("_ZNK1A6methodEv", "A::method() const")]
    [InlineData("_ZNKR1A6methodEi", "A::method(int) const &")]
    [InlineData("_ZNO1A6methodEz", "A::method(...) &&")]
    [InlineData("_ZplRK1AS1_", "operator+(A const&, A const&)")]
    [InlineData("_ZN1AcvbEv", "A::operator bool()")]
    [InlineData("_ZN1AcvT_IiEEv", "A::operator int<int>()")]
    [InlineData("_ZN1AclEv", "A::operator()()")]
    [InlineData("_ZlsI1AERSoS1_RKT_", "std::ostream& operator<< <A>(std::ostream&, A const&)")]
    [InlineData("_Znwm", "operator new(unsigned long)")]
    [InlineData("_Zli2_kPKc", "operator\"\" _k(char const*)")]
    [InlineData("_Z1fPFivE", "f(int (*)())")]
    [InlineData("_Z1fPFPFvcEiE", "f(void (*(*)(int))(char))")]
    [InlineData("_Z1fRA3_i", "f(int (&) [3])")]
    [InlineData("_Z1fM1AKFviE", "f(void (A::*)(int) const)")]
    [InlineData("_Z1fM1Ai", "f(int A::*)")]
    [InlineData("_Z1fPDoFvvE", "f(void (*)() noexcept)")]
    [InlineData("_Z1fIiEvT_", "void f<int>(int)")]
    [InlineData("_Z1fIJiPcEEvDpT_", "void f<int, char*>(int, char*)")]
    [InlineData("_Z1fIJEEvDpT_", "void f<>()")]
    [InlineData("_Z1fIJRiEEvDpOT_", "void f<int&>(int&)")]
    [InlineData("_Z1fILi5ELb1ELc65ELj3ELln7EEvv", "void f<5, true, (char)65, 3u, -7l>()")]
    [InlineData("_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int> >::push_back(int const&)")]
    [InlineData("_ZNSsC1ERKSs", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string(std::string const&)")]
    [InlineData("_ZNKSs4findEcm", "std::string::find(char, unsigned long) const")]
    [InlineData("_Z1fNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE", "f(std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >)")]
    [InlineData("_ZN12_GLOBAL__N_11fEv", "(anonymous namespace)::f()")]
    [InlineData("_ZL6staticv", "static()")]
    [InlineData("_ZZ4mainE5local", "main::local")]
    [InlineData("_ZZ4mainvE5local_0", "main()::local")]
    [InlineData("_ZZ4mainvENKUliE_clEi", "main()::{lambda(int)#1}::operator()(int) const")]
    [InlineData("_ZZ4mainvENKUlvE0_clEv", "main()::{lambda()#2}::operator()() const")]
    [InlineData("_ZN1A1fB5cxx11Ev", "A::f[abi:cxx11]()")]
    [InlineData("_ZTV1A", "vtable for A")]
    [InlineData("_ZTISt9exception", "typeinfo for std::exception")]
    [InlineData("_ZTS1A", "typeinfo name for A")]
    [InlineData("_ZTTN1A1BE", "VTT for A::B")]
    [InlineData("_ZTC1A0_1B", "construction vtable for B-in-A")]
    [InlineData("_ZThn16_N1A1fEv", "non-virtual thunk to A::f()")]
    [InlineData("_ZTv0_n24_N1A1fEv", "virtual thunk to A::f()")]
    [InlineData("_ZTch0_h16_N1A1fEv", "covariant return thunk to A::f()")]
    [InlineData("_ZGVZ4mainvE1x", "guard variable for main()::x")]
    [InlineData("_ZTH1x", "TLS init function for x")]
    [InlineData("_Z1fIiEDTplfp_fp_ET_", "decltype ({parm#1}+{parm#1}) f<int>(int)")]
    [InlineData("_Z1fIiENSt9enable_ifIXeqstT_Li4EEvE4typeES1_", "std::enable_if<(sizeof (int))==(4), void>::type f<int>(int)")]
    [InlineData("_ZN2wi3absISt4pairIP7rtx_def12machine_modeEEENS_13binary_traitsIT_S7_XsrNS_10int_traitsIS7_EE14precision_typeEXsrS9_14precision_typeEE11result_typeERKS7_",
        "wi::binary_traits<std::pair<rtx_def*, machine_mode>, std::pair<rtx_def*, machine_mode>, wi::int_traits<std::pair<rtx_def*, machine_mode> >::precision_type, wi::int_traits<std::pair<rtx_def*, machine_mode> >::precision_type>::result_type wi::abs<std::pair<rtx_def*, machine_mode> >(std::pair<rtx_def*, machine_mode> const&)")]
    [InlineData("_Z1fDu", "f(char8_t)")]
    [InlineData("_Z1fDn", "f(decltype(nullptr))")]
    [InlineData("_Z1fno", "f(__int128, unsigned __int128)")]
    [InlineData("_ZN3foo3barIJNS_1AENS_1BEEEEvv", "void foo::bar<foo::A, foo::B>()")]
    [InlineData("_Z1fILM1Ai0EEvv", "void f<(int A::*)0>()")]
    public void Cpp_names_are_written_as_binutils_writes_them(string name, string expected) => Assert.Equal(expected, Demangler.Demangle(name));

    [Theory]
    [InlineData("_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write")]
    [InlineData("_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE", "<Test + 'static as foo::Bar<Test>>::bar")]
    [InlineData("_ZN4test1a2bc17h0123456789abcdefE.llvm.123456", "test::a::bc")]
    [InlineData("_ZN3foo28_$u7b$$u7b$closure$u7d$$u7d$17h05af221e174051e9E", "foo::{{closure}}")]
    [InlineData("_ZN4core3fmt5write17haaaaaaaaaaaaaaaaE", "core::fmt::write::haaaaaaaaaaaaaaaa")]
    [InlineData("_RNvCsbmNqQUJIY6D_4core3foo", "core::foo")]
    [InlineData("_RNvMs_C4coreNtB4_3Foo3bar", "<core::Foo>::bar")]
    [InlineData("_RNvXCs1_4coreNtB2_3FooNtB2_5Trait3bar", "<core::Foo as core::Trait>::bar")]
    [InlineData("_RINvC4core3fooReKj4_E", "core::foo::<&str, 4>")]
    [InlineData("_RNCNvC4core3foo0", "core::foo::{closure#0}")]
    [InlineData("_RNCNvC4core3foos_0B3_", "core::foo::{closure#1}")]
    [InlineData("_RINvC4core3fooFUKCRL0_hEuEB2_", "core::foo::<unsafe extern \"C\" fn(&u8)>", false)]
    [InlineData("_RINvC4core3fooTlmEAtj3_SbE", "core::foo::<(i32, u32), [u16; 3], [bool]>")]
    [InlineData("_RINvC4core3fooDNtC3std4SendEL_E", "core::foo::<dyn std::Send>")]
    [InlineData("_RINvC4core3fooDINtC3std2FnThEEp6OutputbEL_E", "core::foo::<dyn std::Fn<(u8,), Output = bool>>")]
    [InlineData("_RINvC4core3fooKc61_Kb1_Kan5_E", "core::foo::<'a', true, -5>")]
    [InlineData("_RNvC4coreu8gdel_5qa", "core::g\u00f6del")]
    [InlineData("_RNvNtCslJIg7ws2U9R_4bstr4utf88validate", "bstr::utf8::validate")]
    [InlineData("_R", "", false)]
    [InlineData("_RNvC4core", "", false)]
    [InlineData("_RB_", "", false)]
    public void Rust_names_are_written_as_its_tools_write_them(string name, string expected, bool valid = true)
    {
        if (valid) Assert.Equal(expected, Demangler.Demangle(name));
        else Assert.False(Demangler.TryDemangle(name, out string? got), got);
    }

    [Theory]
    [InlineData("main")]
    [InlineData("_Z")]
    [InlineData("_Zx")]
    [InlineData("_ZN")]
    [InlineData("_ZN3fooE3")]
    [InlineData("_Z3fooS99_")]
    [InlineData("_Z9999999999999foo")]
    [InlineData("")]
    [InlineData("__libc_start_main")]
    [InlineData("_Z1fT_")]
    public void Other_names_stay_as_they_are(string name)
    {
        Assert.False(Demangler.TryDemangle(name, out _));
        Assert.Equal(name, Demangler.Demangle(name));
    }

    [Fact]
    public void A_version_is_left_out() => Assert.Equal("f()", Demangler.Demangle("_Z1fv@@VERS_1"));

    [Fact]
    public void Hostile_names_end_soon()
    {
        // Each substitution doubles what is written, each pointer nests deeper.
        string doubling = "_Z1fI1AIiiE" + string.Concat(Enumerable.Range(1, 40).Select(i => $"1AIS{Base36(2 * i - 1)}_S{Base36(2 * i - 1)}_E")) + "Evv";
        Assert.False(Demangler.TryDemangle(doubling, out _));
        Assert.False(Demangler.TryDemangle("_Z1f" + new string('P', 30_000) + "i", out _));
        Assert.False(Demangler.TryDemangle("_RINvC1a1b" + new string('S', 30_000) + "hE", out _));
        Assert.False(Demangler.TryDemangle("_RYB_B_", out _));
        Assert.False(Demangler.TryDemangle("_Z" + new string('1', 40_000), out _));
    }

    private static string Base36(int value) => value < 36 ? "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value].ToString() : Base36(value / 36) + Base36(value % 36);
}
