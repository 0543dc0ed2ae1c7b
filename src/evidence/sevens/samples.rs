//! Archives of 7-Zip 26.02 on Debian, with `-mtc=off -mta=off`.
//!
//! The files: `a.log`, 40 lines `line {n} of the agent log`; `sub/b.log`, 30 lines `another {7 n} line`;
//! `empty.txt`; `z.log`, the word `after`. Written 2026-11-03T02:40:00.5Z, in the bomb without the half second.

use base64::Engine;

/// The bytes of one of the archives.
pub(super) fn bytes(base64: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD
        .decode(base64)
        .expect("written by `base64`")
}

/// `7zz a lzma2.7z a.log sub empty.txt`
pub(super) const LZMA2: &str = "\
    N3q8ryccAAQcaCViSQEAAAAAAAAjAAAAAAAAANpJQ1fgBcoAwV0ANhpKHwigJgNNBp34sqWspfC2o8VLOQ2R9u3RjmL1whM/\
    WPjUimOHHVcX98RaHgbu4RZlua/N2+mJKpr0YvWeNuOqHU31UdRW4LZV8z9CrPYQJcRxPwcaq2gwJOoPpWZvfyQ04M5uswEN\
    cLr58mudWZlgE+rfjRTEc1bIBXJhbmuTwOWu0Zwrij9pvR50rAVdSSLZeDimycpxkzeoWBvCvsfs56Acgy6jJT75xmnXXfJV\
    zJKOZXH0ZV3HRC6XLuosBQAAAIEzB64P1TFFj1ck0/6zcBiBQB5nzrjWXcYRCon8z85CRR3WOWMWQucm25YLncsj6DoyvzuN\
    yiRkrVLdbm36cAM5P0iUGfKf5d6noYdnvlO83Tr9ZEej/EHH5vYs4hVTUrfcaj9jR3XiS7cIQykoUVaoWoGW37D5nBloygAA\
    ABcGgMkBCYCAAAcLAQABIwMBAQVdABAAAAyAtgoBpYwZ0gAA\
";

/// `7zz a -m0=LZMA lzma.7z a.log sub`
pub(super) const LZMA: &str = "\
    N3q8ryccAATlICQXOAEAAAAAAAAiAAAAAAAAAP3EfGUANhpKHwigJgNNBp34sqWspfC2o8VLOQ2R9u3RjmL1whM/WPjUimOH\
    HVcX98RaHgbu4RZlua/N2+mJKpr0YvWeNuOqHU31UdRW4LZV8z9CrPYQJcRxPwcaq2gwJOoPpWZvfyQ04M5uswENcLr58mud\
    WZlgE+rfjRTEc1bIBXJhbmuTwOWu0Zwrij9pvR50rAVdSSLZeDimycpxkzeoWBvCvsfs56Acgy6jJT75xmnXXfJVzJKOZXH0\
    ZV3HRC6XLuosBQAAgTMHrg/VMR3ZlyTT/rN+L4mSvr45h7V6adnGrQe+NTYuk4b8f0LVucl8J36w6Lmzy39QY82zxjlhOza+\
    gQSeTsvD+mFRICyTYomcVYhHqGxcQrSFxl0YFIKuuuXM5bgCFd6x02hsMACHxa6mOhb5FW4AAAAXBoDCAQl2AAcLAQABIwMB\
    AQVdABAAAAyAmgoBbtTIEAAA\
";

/// `7zz a -m0=PPMd:mem=16 ppmd.7z a.log sub`
pub(super) const PPMD: &str = "\
    N3q8ryccAASa9wKiIAEAAAAAAAAiAAAAAAAAAFrNN+MAa/txxk9/Oajlq4u1j+xyZ8mf75bc9akia0PQoQNeGt88E5ZjTGv8\
    DR5UoffU3RmYHAQnpgg+YNKSTzfl7wCx+yx8uGePur6WsFSVvq1nLllnCGtDDlJMNV4avYgiThXCsvtDpY/NJNCCysiGId52\
    EMkI5ufhbA7DzZpPFAWfsDx7+Gp+zqS8XhVIzV7oBZL/a7f/KbMgCFzdmIzE1udYmE0ejxuc/yGsFaAAAIEzB64P1TCbX9ck\
    0/6zfi+YMngntVnQpSC9+yv59pXettdswzJAv6NG409tbaLqHnEdJUu1+6+GuWhqMrD5H9nXZvs/LZI/SiBrWK8ZMhzWyXNo\
    5r3Ci8a82xmOnw9k37+lGjRIb6Ko33O3/izq5z1QAAAXBoCrAQl1AAcLAQABIwMBAQVdABAAAAyAmgoBGiKCYwAA\
";

/// `7zz a -m0=BZip2 bzip2.7z a.log sub`
pub(super) const BZIP2: &str = "\
    N3q8ryccAATnYmtbUgEAAAAAAAAiAAAAAAAAAHBU0ZBCWmg5MUFZJlNZ0BxguwAB+tmAABBAAH/gI+WUADABNIwNT1Sb2qP9\
    VQ8owAlPVM1VPGlBoNMFKpNNHqAAep9fJVU1VB51SoqiiqKoqI1Sgm1ZpttNpttNJWV/hi+L/csYACSSSajAz7SVlpG89agH\
    vQMgACAegAKqqk+wKJ4x666dc67uXNUWlAo9c6mRAto1x3kyBaB3rlklq+28yalt75y5LV3xckLeNzGS1N85mTWmgo8FVXkq\
    gP0Cj8CaKshPontQyoYVYE0EyobKvwmomwnNVqq0E1Ewq/i7kinChIaA4wXYAACBMweuD9Ux5GanJUdXBPp7NlBEAlEAxMYE\
    fboG3fwJOcLpA1r/P1JidpBkbwMaSQrpAqM38uG8FUt6JTBIES7v2SkKZZikJaCr9adHdoMPPkUXd3NyN0RIOTXHoh749Ea6\
    2JmHYQMedwAAABcGgOUBCW0ABwsBAAEjAwEBBV0AEAAADICKCgE6X5iHAAA=\
";

/// `7zz a -m0=Deflate deflate.7z a.log sub`
pub(super) const DEFLATE: &str = "\
    N3q8ryccAAT8oWWXOAEAAAAAAAAiAAAAAAAAAGsGj9h1k0kKwzAQBO95hZ4gjbbRc3JwFgg2BP+fOCEE1KSOXeVDtyw97usS\
    YtguYb8t4Xxd1j08tuvpwxNwA56BF+AVeAPegTvwQbtwcCJhJDKJQqKSaCQ6CSdByy2SwH9tJDKJQqKSaCQ6CSdBy3MkkUjg\
    Nc8kColKopHoJJzEn+XndTvA83jg709+sc8xlTlbkuxTPtbMuZjkMefa5tyy1NF60s+l30iSXfbEKiCZgiHAmoCc9ZCiAj3G\
    WgS0pECbdm3qpkCbDmlq8dv0BQAAgTMHrg/VMVDn1yTT/rKXesET6FKPxPEhV43ZiG7WSpSonk1xWNYqebe7unLOPKB104o2\
    71iOyd4ovlP3EhgIpVNglHW7p9x4G82ZUiBtO5ARfR9kEuNf6k8v/wtFxjjmcKEjSegngn0AAAAXBoDLAQltAAcLAQABIwMB\
    AQVdABAAAAyAigoB3lu4NQAA\
";

/// `7zz a -m0=Deflate64 deflate64.7z a.log sub`
pub(super) const DEFLATE64: &str = "\
    N3q8ryccAARzAIH1OAEAAAAAAAAiAAAAAAAAAAbQZyR1k0kKwzAQBO95hZ4gjbbRc3JwFgg2BP+fOCEE1KSOXeVDtyw97usS\
    YtguYb8t4Xxd1j08tuvpwxNwA56BF+AVeAPegTvwQbtwcCJhJDKJQqKSaCQ6CSdByy2SwH9tJDKJQqKSaCQ6CSdBy3MkkUjg\
    Nc8kColKopHoJJzEn+XndTvA83jg709+sc8xlTlbkuxTPtbMuZjkMefa5tyy1NF60s+l30iSXfbEKiCZgiHAmoCc9ZCiAj3G\
    WgS0pECbdm3qpkCbDmlq8dv0BQAAgTMHrg/VMVDn1yTT/rKXftJbxPzR8ZasVjasyVw2VqQ03Tmj3ftePnp8hkk5CSIKBieB\
    exB3+WSOZ2SQCNs0IrNZUFG1Zfot/KCIfoq85ECXEzgH1mZEKg76PIp1eiQXBTjmhqjKUMUAAAAXBoDLAQltAAcLAQABIwMB\
    AQVdABAAAAyAigoBFqdK2QAA\
";

/// `7zz a -m0=BCJ2 -m1=LZMA -m2=LZMA -m3=LZMA -mb0:1 -mb0s1:2 -mb0s2:3 bcj2.7z a.log sub`
pub(super) const BCJ2: &str = "\
    N3q8ryccAAQQIWMmWgEAAAAAAAAjAAAAAAAAABiM41UANhpKHwigJgNNBp34sqWspfC2o8VLOQ2R9u3RjmL1whM/WPjUimOH\
    HVcX98RaHgbu4RZlua/N2+mJKpr0YvWeNuOqHU31UdRW4LZV8z9CrPYQJcRxPwcaq2gwJOoPpWZvfyQ04M5uswENcLr58mud\
    WZlgE+rfjRTEc1bIBXJhbmuTwOWu0Zwrij9pvR50rAVdSSLZeDimycpxkzeoWBvCvsfs56Acgy6jJT75xmnXXfJVzJKOZXH0\
    ZV3HRC6XLuosBQAAAAAAAAAAAAAAAAAAAAAAgTMHrm3FdEXYAF7YfsEHUXphikpHGx8HJ2LDU8H4j+2c5bvP429DaRtpLkrG\
    OVI80jJ6a7McHozCaf75HWtCmpXhFCcaOaN78BH2RC1VjrzCPI5Bgd5yyy10qJQQJdEvjQeiN+JM6n1RF8a8B8Bjlrn9AmMi\
    vsGIM2Ywi3d2tTgqrGeXwwAAFwaA0QEJgIkABwsBAAEjAwEBBV0AEAAADIDKCgHI3kHBAAA=\
";

/// `7zz a -pX secret.7z a.log sub`
pub(super) const SECRET: &str = "\
    N3q8ryccAATbzAP+WwEAAAAAAAAjAAAAAAAAAJ8ZUMlvFVADrzgB0odPHK3d6tzFi9p1incPrLXsjh36sBhQwVtOkZ7RYLOG\
    3KDXqSPBNymeSoci743ZTVG9xiIzP3kwxUpREVixmsPAi/5rdXqsIkTv3Aahx1kEafAaQBgx2VCNqJXqetxbOprSQ/oECyp3\
    +XjhNdhbBF0ZtFp/nk6s8yINKMJu5389uPiKIX8Gt3pSIsQoE1sMLeaB0vS9SrAC+A6S9VVGng2NVAXnmoXySunr7J+/C4T0\
    ekXO2xCBfxW9r01VnhpR5CWRKumS0ax5AACBMweuD9UxbUUXJNHP5AQoBS8Xg5NpB8cd6ebOoOHBkrC8IUyBcVxnOvldtgEZ\
    t4h/TV3Jj0V4ycowV2cSBcFBQAQ4Tt7Q9bPJuEQeHIoy0jXirySftfpSVW2grGeJVwT4nXxZM9CooMTAV0DhPdy5OoRsjsOc\
    fjNY82WHMw3dxPLnuvza/vEAABcGgNABCYCLAAcLAQABIwMBAQVdABAAAAyAqgoBpinMRwAA\
";

/// `7zz a -pX -mhe=on hidden.7z a.log sub`
pub(super) const HIDDEN: &str = "\
    N3q8ryccAAQxUTv8YAEAAAAAAAA/AAAAAAAAALX4Ac0GUa0n0jQDc8zmL83k+T0jH0PkgbQTx1TAJfhD1aQIh/j6heuRu+bM\
    e2Vl7WAs6TQFarDGWqECzcisuyC2KmnLQC8LIGhwOcqQFLCZO5a88MeRxPhPdlNxlk7wdi8EvDe3Dy8XVI5tiqzaemrlVkOw\
    jX6alIU1aDpMeJyeueMWpWsPws+jQIylYnFr9F8p4fBpVfLQwRE9FJp5pBzcmredvJEjSfgVC4c239RE1EYZfcxzAkZk3snj\
    8YhbChStgaWc3JZ3SD+4f3x5cdwtXZ5KYemnK/3Fe8vuq+r0QPvHC5K6Ku4vmgYN007915SPJEvgUjjMUeMhUMSWN+Gzvq27\
    X0pPS+50VNET0zAC1OBaqTlBHbI5YGcyFOMCvJpLT8wNSbHZ78hbV2fLPlaqUoZAVqNGtr0tHpkpljrrGMP5e19P1IpxUlmj\
    p2J63lgon7RTxBAoyKT8xRZJRJ6TipvIFwaA0AEJgJAABwsBAAIkBvEHARJTD1di1gJx39wihPn7hSlm8fkjAwEBBV0AEAAA\
    AQAMgIuAqgoBSGw/CgAA\
";

/// `head -c 83886080 /dev/zero > bomb; 7zz a -ms=on -m0=LZMA -m1=LZMA bomb.7z bomb z.log`
pub(super) const BOMB: &str = "\
    N3q8ryccAATyliUR0gEAAAAAAAAiAAAAAAAAAJtklZ8AAGG8dAfV5UiYRBx04nzlGTd++nZkVIYnku7gObDUZXgvqZ3ABe00\
    eKl7HXRfGes0kZC68j4cs5TNKLkS4OojqF/4+EU+tgzDcjb3ze17EWBE7a8NLI54LuBt2dVSOx0uMNiJDhzMjeAHK5mjeJtA\
    Q0+Ngqy4q7Asu9G8JbVLq07EvE1+65MAlhS4uLEYsB708R4IFxKz76GPnqr3GrMOEF27j3TkZjGHc/wE9sHCtMLb0wOGarKz\
    aTcpONO4uI0v90YsIvGT6ywXCyZ7WueIRMt1VQOV3NZrIxLTZ93sIN37RnXWQT1FmD4Oy2cXbKJTQTwosOM5U1xou7slVQL2\
    d6NEFTKrkBRxFDP6lAY9MGXngQ1gVM9Cmxqk0JSJThKN5I3Ag9QZxviscAxMQRSj/nj8DoRnOlinFfrQWYtftPxhHPzLsQ2f\
    wrtAqcoGn1NrQlRJQemCU3MFujYEkTeWKQAAAACBMweuD9U6A23XJNHP4/5rOTm8WPONX3Nj1/sfILoCLkalARKApm7bcYc7\
    WQzua3Xmo2xe6JsQCjlGFm4J/TITkxW6+9Lk6p0LHLQ+WwCjrdRUs9wK5RtFHXSLB+YOt+1KT4+lzQsgYZC9oAAAFwaBYwEJ\
    bwAHCwEAASMDAQEFXQAQAAAMgI4KAeOUOi0AAA==\
";

/// `python zipfile: in.zip with a.log; 7zz a nested.7z in.zip`
pub(super) const NESTED: &str = "\
    N3q8ryccAAS2KNMnwQAAAAAAAABaAAAAAAAAABmSd0DgAOMAuV0AKBK8YCiX1V07nM0tJpBMw6Dg7MMXf6GR+0JjCMJkcRH7\
    gjJ6bZ3ljHyitMiKkviqchzkom8JDJxhDgs0MsPLgUJrUlIY20r9rGL6UOcA8X6GOfk/hGyTfqgTgfWKFXBqRv+RmRE25Zsr\
    mw2UefJcWJU/XhS+GBGPvTSfun5xaOP5zkgfswuLIeEwDpyzoGAJ+WrAa7DKC7HK8602xCZv3DG05rlSp6IvOs3/pTZf2CgE\
    EkUU95X3lwAAAQQGAAEJgMEABwsBAAEhIQEADIDkAAgKAazJbboAAAUBGQoAAAAAAAAAAAAAEQ8AaQBuAC4AegBpAHAAAAAZ\
    BAAAAAAUCgEApgPE0e943QEVBgEAIICkgQAA\
";

/// `ln -s a.log link; 7zz a -snl link.7z link a.log`
pub(super) const LINK_ARCHIVE: &str = "\
    N3q8ryccAARYTiL56gAAAAAAAAAgAAAAAAAAAN/NsQ7gA+IAd10ANhpKHwigJgNNBp34sqWspfC2o8VLOQ2R9u3RjmL1whM/\
    WPjUimOHHVcX98RaHgbu4RZlua/N2+mJKpr0YvWeNuOqHU31UdRW4LZV8z9CrPYQJcRxPwcaq2gwJOoPpWZvfyQ04M5uswEN\
    cLr58mudWMBXLjVcmo0AAACBMweuD9Uf6elCFfazRX1pTY+BlJ1msLe93nLLzRtbubLU72gPsLyg+yjFcGwEVqHVxh426al7\
    dgCrPo3NmxH34pEvWqbp6Y+JXjwalvNg7abU+Zth3fNLwvKDf4sATx8T5euhrnyqAAAXBn8BCWsABwsBAAEjAwEBBV0AEAAA\
    DG4KARJHQMcAAA==\
";
