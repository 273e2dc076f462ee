# Read by llama-cpp-python's CMakeLists.txt right after its project(llama_cpp), through
# -DCMAKE_PROJECT_llama_cpp_INCLUDE: what is done to the library that Traypoint loads, and to no other build.
include("${CMAKE_CURRENT_LIST_DIR}/llama_build.cmake")

# Attention over 16-bit cells takes another routine for one column than for several, which adds in another order; so a
# token's logits depend on how many are computed with it, by a median of 0.2 and up to 0.9 with the starter model. The
# routine for several is right for one too, and no slower. With it a token's logits are the same to the last bit, alone
# or not (docs/adr/0009). Where upstream has changed the line, the build goes on without: the program finds out by itself.
function(traypoint_sum_alike)
    set(file "${CMAKE_CURRENT_SOURCE_DIR}/vendor/llama.cpp/ggml/src/ggml-cpu/llamafile/sgemm.cpp")
    set(changed "if (n < 2 && Atype != GGML_TYPE_F16)")
    if(NOT EXISTS "${file}")
        message(WARNING "There is no ${file}: answers will depend on how many tokens are computed at once.")
        return()
    endif()
    file(READ "${file}" source)
    string(REPLACE "if (n < 2)" "${changed}" source "${source}")
    string(FIND "${source}" "${changed}" place)
    if(place EQUAL -1)
        message(WARNING "${file} has changed: answers will depend on how many tokens are computed at once.")
        return()
    endif()
    file(WRITE "${file}" "${source}")
endfunction()
traypoint_sum_alike()
