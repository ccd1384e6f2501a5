import java.lang.annotation.ElementType
import java.lang.annotation.Retention
import java.lang.annotation.RetentionPolicy
import java.lang.annotation.Target

/** {@code @Library('name') _}: the shared libraries whose global variables a Jenkinsfile uses. */
@Retention(RetentionPolicy.SOURCE)
@Target([ElementType.LOCAL_VARIABLE, ElementType.FIELD])
@interface Library {
    String[] value()
}
